import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Change } from './types.ts'
import { codeOf, type OpenStore, World } from './world.ts'

/** Rule 12's half of the store: what a commit changed, told with versions that rise. */
export function changes(open: OpenStore): void {
  let world: World
  beforeEach(async () => {
    world = await World.open(open)
  })
  afterEach(() => world.close())

  describe('changes', () => {
    test('are told before the call that made them resolves', async () => {
      const call = world.submit()
      expect(world.changes).toEqual([])
      await call
      expect(world.changes.map(({ kind }) => kind)).toEqual(['workflow', 'queue'])
    })

    test('of a whole life follow the states, with the lane until it ends', async () => {
      const agent = await world.agent()
      await agent.run(await world.submit())
      const own = world.changes.filter((change) => change.kind === 'workflow')
      expect(own.map(({ state, lane }) => [state, lane !== null])).toEqual([
        ['pending', true],
        ['offered', true],
        ['running', true],
        ['success', false],
      ])
    })

    test('say how long each passage took, by the clock of the server', async () => {
      const agent = await world.agent()
      const id = await world.submit()
      await world.clock.advance(3_000)
      await world.store.decline(agent.by, await agent.offered(id), 'no')
      await world.clock.advance(4_000)
      const lease = await agent.start(id)
      await world.store.requestCancel([id], 'no longer wanted')
      await world.clock.advance(500)
      await world.store.receipt(agent.by, lease, 1, 'received')
      await world.clock.advance(1_500)
      await agent.finish(lease, {}, { state: { finished: 7_000, canceled: true } })
      const passages = world.changes.flatMap((change) => (change.kind === 'workflow' ? [change.passage] : []))
      expect(passages.filter((passage) => passage !== undefined)).toEqual([
        { from: null },
        { from: 'pending' },
        { from: 'offered' },
        { from: 'pending' },
        { from: 'offered', waitedMs: 7_000 },
        { from: 'running', cancel: { received: 500 } },
        { from: 'running', cancel: { stopping: 2_000, stopped: 2_000 } },
        { from: 'running', ranMs: 6_000 },
      ])
      expect(world.changes.filter(({ kind }) => kind === 'attempt')).toEqual([
        { kind: 'attempt', how: 'declined', begun: false },
        { kind: 'attempt', how: 'done', begun: true },
      ])
    })

    test('of a workflow that is queued again begin its wait anew', async () => {
      const agent = await world.agent()
      const { id, lease } = await world.running(agent)
      await world.clock.advance(60_000)
      await world.store.requeue(id)
      await world.store.receipt(agent.by, lease, 1, 'stopped')
      await world.clock.advance(2_000)
      await agent.start(id)
      const waits = world.changes.flatMap((change) => (change.kind === 'workflow' ? [change.passage?.waitedMs] : []))
      expect(waits.filter((ms) => ms !== undefined)).toEqual([0, 2_000])
    })

    test('name the agent that declined or let lapse an offer, and nobody if its connection died', async () => {
      const agent = await world.agent()
      const id = await world.submit()
      const refusedBy = () => world.changes.findLast((change) => change.kind === 'workflow')?.refusedBy
      await world.store.decline(agent.by, await agent.offered(id), 'no')
      expect(refusedBy()).toBe(agent.id)
      await agent.offered(id)
      expect(refusedBy()).toBeUndefined()
      await world.pass(10_000)
      expect(refusedBy()).toBe(agent.id)
      await agent.offered(id)
      await world.store.disconnected(agent.by)
      expect([await world.state(id), refusedBy()]).toEqual(['pending', undefined])
    })

    test('carry versions that only rise, and that the views show', async () => {
      const agent = await world.agent()
      const { id, lease } = await world.running(agent)
      await agent.update(lease, { state: 'running' })
      const last = world.changes.at(-1)
      expect(last).toMatchObject({ kind: 'step', id })
      expect((await world.get(id)).version).toBe(versionOf(last))
      await agent.finish(lease)
      const versions = world.changes.filter((change) => 'version' in change).map(versionOf)
      expect(versions).toEqual([...versions].sort((a, b) => a - b))
      const shown = world.changes.filter((change) => change.kind === 'workflow').at(-1)
      expect((await world.store.list({ limit: 1 })).workflows[0]?.version).toBe(versionOf(shown))
      const own = world.changes.filter((change) => change.kind === 'agent').at(-1)
      expect((await world.store.getAgent(agent.id))?.version).toBe(versionOf(own))
      const queue = world.changes.filter((change) => change.kind === 'queue').at(-1)
      expect((await world.store.queueInfo()).version).toBe(versionOf(queue))
    })

    test('are not told of a refused call, which has written nothing', async () => {
      const agent = await world.agent()
      const { id } = await world.running(agent)
      const [told, before] = [world.changes.length, await world.get(id)]
      expect(await codeOf(agent.update('no such lease', {}))).toBe('stale_lease')
      expect([world.changes.length, await world.get(id)]).toEqual([told, before])
    })

    test('of one tick take effect in the order of the calls, whatever one of them is refused', async () => {
      const agent = await world.agent()
      const { id, lease } = await world.running(agent)
      const results = await Promise.allSettled([
        agent.update(lease, { state: 'running' }, 1),
        agent.update('no such lease', {}, 1),
        agent.update(lease, { state: 'success' }, 2),
        agent.finish(lease, { s1: 'success', s2: 'failure' }),
        agent.update(lease, { state: 'running' }, 3),
      ])
      expect(results.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'fulfilled',
        'rejected',
      ])
      expect(await world.state(id)).toBe('failure')
    })
  })
}

function versionOf(change: Change | undefined): number {
  return change !== undefined && 'version' in change ? change.version : 0
}
