import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf, type OpenStore, World } from './world.ts'

/** Reading: lists, counts, and what the queue's index loads. */
export function lists(open: OpenStore): void {
  let world: World
  beforeEach(async () => {
    world = await World.open(open)
  })
  afterEach(() => world.close())

  describe('a list of workflows', () => {
    test('is newest first, by pages that stay in place while new ones come', async () => {
      for (let count = 0; count < 5; count++) await world.submit()
      const first = await world.store.list({ limit: 2 })
      await world.submit()
      const second = await world.store.list({ limit: 2, before: first.next ?? '' })
      const third = await world.store.list({ limit: 2, before: second.next ?? '' })
      const ids = [first, second, third].map(({ workflows }) => workflows.map(({ id }) => id))
      expect(ids).toEqual([['w5', 'w4'], ['w3', 'w2'], ['w1']])
      expect(third.next).toBeNull()
    })

    test('is filtered by state and by labels', async () => {
      const agent = await world.agent()
      const a = await world.submit({ labels: { os: 'linux', tier: '1' } })
      const b = await world.submit({ labels: { os: 'linux' } })
      await world.submit({ labels: { os: 'windows' } })
      await agent.run(b)
      const ids = async (page: object) => (await world.store.list({ limit: 10, ...page })).workflows.map(({ id }) => id)
      expect(await ids({ labels: { os: 'linux' } })).toEqual([b, a])
      expect(await ids({ labels: { os: 'linux', tier: '1' } })).toEqual([a])
      expect(await ids({ state: ['success', 'failure'] })).toEqual([b])
      expect(await ids({ state: ['pending'], labels: { os: 'linux' } })).toEqual([a])
    })

    test('refuses a cursor that is none', async () => {
      expect(await codeOf(world.store.list({ limit: 10, before: 'x' }))).toBe('bad_request')
    })

    test('knows nothing of an unknown id', async () => {
      expect(await world.store.get('nothing')).toBeNull()
    })
  })

  describe('a list of agents', () => {
    test('is by name, by pages', async () => {
      for (const name of ['c', 'a', 'b']) await world.agent(name)
      const first = await world.store.listAgents({ limit: 2 })
      const second = await world.store.listAgents({ limit: 2, before: first.next ?? '' })
      const names = [first, second].map(({ agents }) => agents.map(({ name }) => name))
      expect(names).toEqual([['a', 'b'], ['c']])
      expect(second.next).toBeNull()
    })

    test('shows how much each holds', async () => {
      const agent = await world.agent()
      const { lease } = await world.running(agent)
      await agent.offered(await world.submit())
      expect((await world.store.listAgents({ limit: 10 })).agents).toMatchObject([{ running: 2, state: 'online' }])
      await agent.finish(lease)
      expect((await world.store.getAgent(agent.id))?.running).toBe(1)
    })
  })

  counts(() => world)
}

function counts(home: () => World): void {
  describe('the queue', () => {
    test('counts what is pending, waiting, offered and running, and who is online', async () => {
      const world = home()
      const agent = await world.agent()
      const { id } = await world.running(agent)
      await agent.offered(await world.submit())
      await world.submit()
      await world.submit({ dependsOn: [id] })
      const counted = { pending: 1, waiting: 1, offered: 1, running: 1, agents: 1, paused: false }
      expect(await world.store.queueInfo()).toMatchObject(counted)
      await world.reopen()
      expect(await world.store.queueInfo()).toMatchObject({ ...counted, agents: 0 })
    })

    test('loads what is not ended and does not wait, by pages, oldest first', async () => {
      const world = home()
      const agent = await world.agent()
      const done = await world.submit()
      const running = await world.submit()
      const pending = await world.submit({ priority: 3 })
      const offered = await world.submit()
      await world.submit({ dependsOn: [pending] })
      await agent.run(done)
      await agent.start(running)
      await agent.offered(offered)
      const first = await world.store.loadQueue(0, 2)
      expect(first.rows.map(({ id, state }) => [id, state])).toEqual([
        [running, 'running'],
        [pending, 'pending'],
      ])
      const last = await world.store.loadQueue(first.rows.at(-1)?.lane?.order ?? 0, 2)
      expect(last.rows.map(({ id }) => id)).toEqual([offered])
      expect([first.more, last.more]).toEqual([true, false])
    })
  })
}
