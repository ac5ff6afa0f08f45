import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Agent } from './agent.ts'
import { codeOf, infoOf, type OpenStore, World } from './world.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const KEEP = 7 * DAY

/** What has outlived its time goes, and takes along nothing that somebody still needs. */
export function keep(open: OpenStore): void {
  let world: World
  let agent: Agent
  beforeEach(async () => {
    world = await World.open(open, { keepMs: KEEP })
    agent = await world.agent()
  })
  afterEach(() => world.close())

  describe('an ended workflow', () => {
    test('is kept for its time, and gone after it with its steps, lines and attempts', async () => {
      const { id, lease } = await world.running(agent)
      await agent.log(lease, 's1', 1, ['a'])
      await agent.finish(lease, undefined, { lines: { s1: 1 } })
      const other = await world.submit()
      world.clock.jump(KEEP - 1)
      await world.pruneAll()
      expect(await world.state(id)).toBe('success')
      world.clock.jump(1)
      await world.pruneAll()
      expect(await world.store.get(id)).toBeNull()
      expect((await world.store.list({ limit: 10 })).workflows.map((one) => one.id)).toEqual([other])
      expect(await codeOf(world.store.readLogs({ id, bytes: 100 }))).toBe('not_found')
      expect(await codeOf(world.store.requeue(id))).toBe('not_found')
      expect(await codeOf(agent.log(lease, 's1', 2, ['b']))).toBe('stale_lease')
    })

    test('is told to be gone by a change newer than all before', async () => {
      const { id, lease } = await world.running(agent)
      await agent.finish(lease)
      const { version } = await world.get(id)
      world.clock.jump(KEEP)
      const before = world.changes.length
      await world.pruneAll()
      const told = world.changes.slice(before).filter((change) => 'id' in change && change.id === id)
      expect(told).toMatchObject([{ kind: 'workflow', lane: null, lease: null }])
      expect(told[0]).toHaveProperty(
        'version',
        expect.toSatisfy((newer: number) => newer > version),
      )
    })

    test('leaves the pages of a list in place', async () => {
      for (let count = 0; count < 4; count++) await agent.run(await world.submit())
      const first = await world.store.list({ limit: 2 })
      const rest = await world.store.list({ limit: 2, before: first.next ?? '' })
      expect(rest.workflows.map(({ id }) => id)).toEqual(['w2', 'w1'])
      world.clock.jump(KEEP)
      await world.submit()
      await world.pruneAll()
      expect((await world.store.list({ limit: 2, before: first.next ?? '' })).workflows).toEqual([])
    })

    test('counts from when it ended here, whatever the clock of its agent says', async () => {
      const { id, lease } = await world.running(agent)
      await agent.finish(lease, undefined, { state: { finished: 1_000 } })
      await world.pruneAll()
      expect(await world.state(id)).toBe('success')
    })

    test('stays while lines of it may still come', async () => {
      const { id, lease } = await world.running(agent)
      await agent.finish(lease, undefined, { lines: { s1: 2 } })
      world.clock.jump(KEEP)
      await agent.log(lease, 's1', 1, ['a'])
      await world.pruneAll()
      expect((await world.get(id)).logs).toBe('open')
      await agent.log(lease, 's1', 2, ['b'])
      await world.pruneAll()
      expect(await world.store.get(id)).toBeNull()
    })

    test('that was put back into the queue stays', async () => {
      const { id, lease } = await world.running(agent)
      await agent.finish(lease)
      await world.store.requeue(id)
      world.clock.jump(2 * KEEP)
      await world.pruneAll()
      expect(await world.state(id)).toBe('pending')
    })

    test('goes at once, and a large log of it in pieces between which others write', async () => {
      const { id, lease } = await world.running(agent)
      const line = 'x'.repeat(1_000)
      for (let from = 1; from <= 300; from++) await agent.log(lease, 's1', from, [line])
      await agent.finish(lease, undefined, { lines: { s1: 300 } })
      world.clock.jump(KEEP)
      let pieces = 0
      for (let more = true; more; pieces++) {
        more = (await world.store.prune()).more
        expect(await world.store.get(id)).toBeNull()
        await world.submit()
      }
      expect(pieces).toBeGreaterThan(3)
    })

    test('of which there are very many go in many pieces', async () => {
      for (let count = 0; count < 50; count++) await agent.run(await world.submit())
      world.clock.jump(KEEP)
      await world.store.prune()
      expect((await world.store.list({ limit: 50 })).workflows.length).toBeGreaterThan(20)
      await world.pruneAll()
      expect((await world.store.list({ limit: 50 })).workflows).toEqual([])
    })
  })

  dependents(
    () => world,
    () => agent,
  )
  awayAgents(open)

  test('kept for ever is kept', async () => {
    const forever = await World.open(open, { keepMs: Number.POSITIVE_INFINITY })
    const { id, lease } = await forever.running(await forever.agent())
    await forever.store.requestCancel([id], 'no more')
    expect(lease).not.toBe('')
    forever.clock.jump(1000 * DAY)
    await forever.pruneAll()
    expect(await forever.store.get(id)).not.toBeNull()
    await forever.close()
  })
}

function dependents(home: () => World, its: () => Agent): void {
  describe('a dependency that is gone', () => {
    test('counts as its outcome for what still waits, and is shown with it', async () => {
      const world = home()
      await world.submitAll(
        { name: 'failed' },
        { name: 'late' },
        { name: 'waits', dependsOn: ['failed', 'late'] },
        { name: 'mends', dependsOn: ['failed', 'late'], runsOn: ['failure'] },
      )
      await its().run('failed', { s1: 'failure' })
      world.clock.jump(KEEP)
      await world.pruneAll()
      expect(await world.store.get('failed')).toBeNull()
      expect((await world.get('waits')).dependsOn).toContainEqual({ id: 'failed', name: 'failed', state: 'failure' })
      await its().run('late')
      expect(await world.states('waits', 'mends')).toEqual(['skipped', 'pending'])
    })

    test('counts as its outcome for who names it later, and is unknown once it is as old again', async () => {
      const world = home()
      const good = await world.submit()
      const bad = await world.submit()
      await its().run(good)
      await its().run(bad, { s1: 'failure' })
      world.clock.jump(KEEP)
      await world.pruneAll()
      const after = await Promise.all([good, bad].map((id) => world.submit({ dependsOn: [id] })))
      expect(await world.states(...after)).toEqual(['pending', 'skipped'])
      expect((await world.get(after[1] ?? '')).dependsOn).toMatchObject([{ id: bad, state: 'failure' }])
      world.clock.jump(KEEP)
      await world.pruneAll()
      expect(await codeOf(world.submit({ dependsOn: [good] }))).toBe('bad_request')
    })
  })
}

/** Under test timings a lease is a second long, and a day 288 of them: so many sweeps fewer. */
const LEASE_MS = 1_000
const SHORT_DAY = 288 * LEASE_MS

function awayAgents(open: OpenStore): void {
  describe('an agent that is offline for a day', () => {
    let world: World
    beforeEach(async () => {
      world = await World.open(open, { leaseMs: LEASE_MS, testTimings: true })
    })
    afterEach(() => world.close())
    const names = async () => (await world.store.listAgents({ limit: 10 })).agents.map(({ name }) => name)

    test('is forgotten unless it comes back as itself, and told to be gone', async () => {
      const passing = await world.agent('passing')
      const lasting = await world.agent('lasting', { agent: { ...infoOf('lasting'), durable: true } })
      await world.store.disconnected(passing.by)
      await world.store.disconnected(lasting.by)
      await away(SHORT_DAY - 1)
      expect(await names()).toEqual(['lasting', 'passing'])
      await away(1)
      expect(await names()).toEqual(['lasting'])
      const told = world.changes.filter((change) => change.kind === 'agent').at(-1)
      expect(told).toMatchObject({ id: passing.id, removed: true })
      await passing.connect()
      expect(await names()).toEqual(['lasting', 'passing'])
    })

    test('stays known by its name where it has worked', async () => {
      const passing = await world.agent('passing')
      const { id, lease } = await world.running(passing, { graceMs: 300 })
      await passing.finish(lease)
      await world.store.disconnected(passing.by)
      await away(SHORT_DAY)
      expect(await names()).toEqual([])
      expect((await world.get(id)).agent).toBe('passing')
    })

    test('stays while it holds work that goes on without a server', async () => {
      const passing = await world.agent('passing')
      const { id } = await world.running(passing, { onOutage: 'continue', graceMs: 300 })
      await world.store.disconnected(passing.by)
      await away(SHORT_DAY)
      expect([await names(), await world.state(id)]).toEqual([['passing'], 'running'])
    })

    test('is not blamed for the time in which there was no server', async () => {
      const passing = await world.agent('passing')
      await world.store.sweep()
      await world.reopen()
      world.clock.jump(10 * SHORT_DAY)
      await away(0)
      expect(await names()).toEqual(['passing'])
      await away(SHORT_DAY)
      expect(await names()).toEqual([])
      expect(await codeOf(world.store.health(passing.by))).toBe('stale_lease')
    })

    /** So long, with the server there, then what is due is removed. */
    async function away(ms: number): Promise<void> {
      await world.pass(ms)
      await world.pruneAll()
    }
  })
}
