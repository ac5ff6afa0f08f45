import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Agent } from './agent.ts'
import { codeOf, type OpenStore, World } from './world.ts'

/** After a restart of the server every rule still holds, and nothing is forgotten. */
export function restart(open: OpenStore): void {
  let world: World
  let agent: Agent
  beforeEach(async () => {
    world = await World.open(open)
    agent = await world.agent()
  })
  afterEach(() => world.close())

  describe('after a restart', () => {
    test('work that ran goes on as the same attempt, and ends once', async () => {
      const { id, lease } = await world.running(agent)
      await agent.log(lease, 's1', 1, ['before'])
      await world.reopen()
      expect(await agent.claim(lease, 'running')).toMatchObject({ verdict: 'keep', steps: [{ upto: 1 }, { upto: 0 }] })
      await agent.log(lease, 's1', 2, ['after'])
      await agent.finish(lease, undefined, { lines: { s1: 2 } })
      expect(await world.get(id)).toMatchObject({ state: 'success', attempt: 1, logs: 'complete' })
    })

    test('nobody is online, and connections, dials and boots are counted on', async () => {
      await agent.connect()
      await world.reopen()
      expect((await world.store.getAgent(agent.id))?.state).toBe('offline')
      expect(await agent.hello({ dial: 2 })).toEqual({ admitted: false, why: 'old_dial' })
      expect(await agent.hello({ dial: 3 })).toMatchObject({ admitted: true, connection: 3 })
    })

    test('outcomes of dependencies are known', async () => {
      const parent = await world.submit()
      const other = await world.submit()
      const child = await world.submit({ dependsOn: [parent, other] })
      await agent.run(parent)
      await world.reopen()
      await agent.connect()
      await agent.run(other)
      expect(await world.state(child)).toBe('pending')
    })

    test('what was done is done, what was cancelled is cancelled, what was lost stays lost', async () => {
      const done = await world.running(agent)
      await agent.finish(done.lease)
      const canceled = await world.submit()
      await world.store.requestCancel([canceled], 'no more')
      const lost = await world.running(agent)
      await world.store.requeue(lost.id)
      await world.reopen()
      await agent.connect()
      expect(await codeOf(agent.finish(done.lease))).toBe('already_done')
      expect(await world.states(done.id, canceled)).toEqual(['success', 'canceled'])
      expect(await codeOf(agent.finish(lost.lease))).toBe('stale_lease')
    })

    test('an offer stands until its time is over', async () => {
      const id = await world.submit()
      const lease = await agent.offered(id)
      await world.reopen()
      expect((await agent.claim(lease, 'accepting')).verdict).toBe('keep')
      await agent.accept(lease)
      expect(await world.state(id)).toBe('running')
    })

    test('offers and losses are counted on', async () => {
      const id = await world.submit({ maxAttempts: 2 })
      await agent.start(id)
      await agent.connect()
      await world.reopen()
      await agent.connect()
      await agent.start(id)
      await agent.connect()
      expect(await world.state(id)).toBe('error')
    })

    test('a concurrency group is as full as it was', async () => {
      const concurrency = { group: 'deploy', limit: 1 }
      const { lease } = await world.running(agent, { concurrency })
      const next = await world.submit({ concurrency })
      await world.reopen()
      await agent.claim(lease, 'running')
      expect(await world.store.offer(next, agent.by)).toBeNull()
    })

    test('orders and versions rise on', async () => {
      const first = await world.submit()
      const before = await world.get(first)
      await world.reopen()
      const second = await world.submit()
      await world.store.requestCancel([first], 'no more')
      expect((await world.get(second)).version).toBeGreaterThan(before.version)
      expect((await world.get(first)).version).toBeGreaterThan(before.version)
      expect((await world.store.list({ limit: 1 })).workflows[0]?.id).toBe(second)
    })
  })
}
