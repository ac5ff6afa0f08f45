import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { codeOf, type OpenStore, World } from './world.ts'

/** Rule 9, and what of the queue's rules the store decides. */
export function offers(open: OpenStore): void {
  let world: World
  beforeEach(async () => {
    world = await World.open(open)
  })
  afterEach(() => world.close())

  describe('an offer', () => {
    test('names the attempt it will be, and is handed out once', async () => {
      const agent = await world.agent()
      const other = await world.agent('other')
      const id = await world.submit({ leaseMs: 60_000 })
      const offer = await world.store.offer(id, agent.by)
      expect(offer).toMatchObject({
        workflowId: id,
        attempt: 1,
        ttlMs: 60_000,
        offerMs: 10_000,
        workflow: { name: id },
      })
      expect(await world.store.offer(id, other.by)).toBeNull()
      expect((await world.get(id)).attempt).toBe(0)
    })

    test('is accepted once and again by its lease, and brings the secrets', async () => {
      const agent = await world.agent()
      const id = await world.submit({ secrets: ['TOKEN'] }, { TOKEN: 'value', OTHER: 'not listed' })
      const lease = await agent.offered(id)
      expect(await agent.accept(lease)).toEqual({ secrets: { TOKEN: 'value' }, intent: null })
      expect(await agent.accept(lease)).toEqual({ secrets: { TOKEN: 'value' }, intent: null })
      expect(await world.get(id)).toMatchObject({ state: 'running', attempt: 1, agent: 'builder' })
    })

    test('is never made for a workflow that has ended, is not known, or waits', async () => {
      const agent = await world.agent()
      const parent = await world.submit()
      const child = await world.submit({ dependsOn: [parent] })
      expect(await world.store.offer(child, agent.by)).toBeNull()
      await agent.run(parent)
      expect(await world.store.offer(parent, agent.by)).toBeNull()
      expect(await world.store.offer('nothing', agent.by)).toBeNull()
    })

    test('that is declined is in line again, in its old place', async () => {
      const agent = await world.agent()
      const id = await world.submit()
      await world.store.decline(agent.by, await agent.offered(id), 'too busy')
      const [row] = (await world.store.loadQueue(0, 10)).rows
      expect(row).toMatchObject({ id, state: 'pending', lease: null })
    })

    test('that is not taken up in 10 s lapses, and its late acceptance is refused', async () => {
      const agent = await world.agent()
      const id = await world.submit()
      const lease = await agent.offered(id)
      await world.pass(9_000)
      expect(await world.state(id)).toBe('offered')
      const { lapsed } = await world.pass(1_000)
      expect(lapsed).toEqual([{ agentId: agent.id, workflowId: id, lease, why: 'offer' }])
      expect(await codeOf(agent.accept(lease))).toBe('stale_lease')
      expect(await world.state(id)).toBe('pending')
    })

    test('made five times without an answer ends the workflow in error', async () => {
      const agent = await world.agent()
      const id = await world.submit()
      for (let count = 0; count < 5; count++) {
        expect(await world.state(id)).toBe('pending')
        await world.store.decline(agent.by, await agent.offered(id), 'no')
      }
      expect(await world.get(id)).toMatchObject({ state: 'error', error: expect.stringContaining('5 offers') })
    })

    test('may be declined by its own agent only, and only while it stands', async () => {
      const agent = await world.agent()
      const other = await world.agent('other')
      const lease = await agent.offered(await world.submit())
      expect(await codeOf(world.store.decline(other.by, lease, 'no'))).toBe('stale_lease')
      await agent.accept(lease)
      expect(await codeOf(world.store.decline(agent.by, lease, 'no'))).toBe('stale_lease')
    })
  })

  limits(() => world)
}

function limits(home: () => World): void {
  describe('the queue', () => {
    test('hands nothing out while it is paused, and all else goes on', async () => {
      const world = home()
      const agent = await world.agent()
      const { id, lease } = await world.running(agent)
      const next = await world.submit()
      await world.store.setPaused(true)
      expect(await world.store.offer(next, agent.by)).toBeNull()
      await agent.finish(lease)
      expect(await world.state(id)).toBe('success')
      await world.reopen()
      expect((await world.store.queueInfo()).paused).toBe(true)
      await world.store.setPaused(false)
      await agent.connect()
      expect(await world.store.offer(next, agent.by)).not.toBeNull()
    })

    test('still expires what is lost while it is paused', async () => {
      const world = home()
      const { id } = await world.running(await world.agent())
      await world.store.setPaused(true)
      await world.pass(5 * 60_000 + 11_000)
      expect(await world.state(id)).toBe('pending')
    })

    test.each([1, 2])('runs %i of a concurrency group at a time, and other groups beside it', async (limit) => {
      const world = home()
      const agent = await world.agent()
      const concurrency = { group: 'deploy', limit }
      const ids = await Promise.all(['a', 'b', 'c'].map(() => world.submit({ concurrency })))
      const offers = []
      for (const id of ids) offers.push(await world.store.offer(id, agent.by))
      expect(offers.filter((offer) => offer !== null)).toHaveLength(limit)
      const elsewhere = await world.submit({ concurrency: { group: 'other', limit: 1 } })
      const free = await world.submit()
      await agent.start(elsewhere)
      await agent.start(free)
      const first = offers[0]?.lease ?? ''
      await agent.accept(first)
      await agent.finish(first)
      expect(await world.store.offer(ids[2] ?? '', agent.by)).not.toBeNull()
    })

    test('does not deadlock a group whose members depend on each other', async () => {
      const world = home()
      const agent = await world.agent()
      const concurrency = { group: 'deploy', limit: 1 }
      await world.submitAll({ name: 'child', concurrency, dependsOn: ['parent'] }, { name: 'parent', concurrency })
      await agent.run('parent')
      await agent.run('child')
      expect(await world.state('child')).toBe('success')
    })

    test('gives an agent nothing whose socket has closed or whose connection is not the newest', async () => {
      const world = home()
      const agent = await world.agent()
      const id = await world.submit()
      const old = agent.by
      await agent.connect()
      expect(await world.store.offer(id, old)).toBeNull()
      await world.store.disconnected(agent.by)
      expect(await world.store.offer(id, agent.by)).toBeNull()
    })
  })
}
