import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Agent } from './agent.ts'
import { codeOf, type OpenStore, World } from './world.ts'

/** Rules 5 and 6: leases in time. */
export function expiry(open: OpenStore): void {
  let world: World
  let agent: Agent
  beforeEach(async () => {
    world = await World.open(open)
    agent = await world.agent()
  })
  afterEach(() => world.close())

  describe('a lease', () => {
    test('ends 10 s after its deadline: the workflow is first in line again, its waiter learns it', async () => {
      const { id, lease } = await world.running(agent)
      await world.submit()
      const early = await world.pass(5 * 60_000 + 9_000)
      expect(early.lapsed).toEqual([])
      const { lapsed } = await world.pass(1_000)
      expect(lapsed).toEqual([{ agentId: agent.id, workflowId: id, lease, why: 'expired' }])
      expect(await world.get(id)).toMatchObject({ state: 'pending', attempt: 1, lost: 'its agent was not heard of' })
      expect((await world.store.loadQueue(0, 10)).rows[0]?.id).toBe(id)
      expect(await codeOf(agent.finish(lease))).toBe('stale_lease')
    })

    test('lives on by extend', async () => {
      const { id, lease } = await world.running(agent)
      for (let minute = 0; minute < 12; minute += 4) {
        await world.pass(4 * 60_000)
        expect(await agent.extend(lease)).toEqual({ claims: [{ lease, verdict: 'keep' }], intents: [] })
      }
      expect(await world.state(id)).toBe('running')
    })

    test('starts the next attempt with fresh steps', async () => {
      const { id, lease } = await world.running(agent)
      await agent.update(lease, { state: 'success' })
      await world.pass(5 * 60_000 + 10_000)
      expect((await world.get(id)).steps.map(({ state }) => state)).toEqual(['pending', 'pending'])
      await agent.start(id)
      expect(await world.get(id)).toMatchObject({ attempt: 2, steps: [{ state: 'pending' }, { state: 'pending' }] })
    })

    test('lost three times ends the workflow in error', async () => {
      const id = await world.submit()
      for (let attempt = 1; attempt <= 3; attempt++) {
        await agent.start(id)
        await world.pass(5 * 60_000 + 10_000)
      }
      expect(await world.get(id)).toMatchObject({
        state: 'error',
        error: 'gave up after 3 attempts: its agent was not heard of',
      })
    })

    test('is given up by an agent that says it has stopped', async () => {
      const { id, lease } = await world.running(agent)
      expect((await agent.extend(lease, 'fenced')).claims).toEqual([{ lease, verdict: 'logs' }])
      expect(await world.state(id)).toBe('pending')
    })

    test('gets a verdict of its own from extend: done, lost, unknown', async () => {
      const done = await world.running(agent)
      const lost = await world.running(agent)
      await agent.finish(done.lease)
      await world.store.requeue(lost.id)
      const leases = [done.lease, lost.lease, 'unknown'].map((lease) => ({ lease, phase: 'running' as const }))
      const { claims } = await world.store.extend(agent.by, leases)
      expect(claims.map(({ verdict }) => verdict)).toEqual(['done', 'lost', 'lost'])
    })
  })

  timeouts(
    () => world,
    () => agent,
  )
  absence(
    () => world,
    () => agent,
  )
  shortened(open)
}

function timeouts(home: () => World, its: () => Agent): void {
  describe('a timeout', () => {
    test('passed by 60 s revokes the agent, and is a failure', async () => {
      const { id, lease } = await home().running(its(), { timeoutMs: 60_000 })
      const early = await home().pass(119_000)
      expect(early.intents).toEqual([])
      const { intents } = await home().pass(1_000)
      expect(intents).toMatchObject([{ kind: 'revoke', lease }])
      expect(await home().get(id)).toMatchObject({ state: 'failure', error: expect.stringContaining('timed out') })
    })
  })
}

function absence(home: () => World, its: () => Agent): void {
  describe('a server that was away', () => {
    test('gives every lease its whole time again before it judges', async () => {
      const { id, lease } = await home().running(its())
      await home().store.sweep()
      await home().reopen()
      await home().clock.advance(20 * 60_000)
      const { wasAway, lapsed } = await home().store.sweep()
      expect([wasAway, lapsed]).toEqual([true, []])
      await home().pass(4 * 60_000)
      expect((await its().claim(lease, 'running')).verdict).toBe('keep')
      expect(await home().state(id)).toBe('running')
    })

    test('expires what does not come back within that time', async () => {
      const { id } = await home().running(its())
      await home().store.sweep()
      await home().clock.advance(20 * 60_000)
      await home().store.sweep()
      await home().pass(5 * 60_000 + 10_000)
      expect(await home().state(id)).toBe('pending')
    })

    test('for less than 15 s was not away', async () => {
      await home().store.sweep()
      await home().clock.advance(14_000)
      expect((await home().store.sweep()).wasAway).toBe(false)
    })
  })

  describe('work that goes on through outages', () => {
    test('does not expire while its agent is away, and is kept when it is back', async () => {
      const { id, lease } = await home().running(its(), { onOutage: 'continue' })
      await home().store.disconnected(its().by)
      await home().pass(30 * 60_000)
      expect(await home().state(id)).toBe('running')
      expect((await its().claim(lease, 'running')).verdict).toBe('keep')
      await its().finish(lease)
      expect(await home().state(id)).toBe('success')
    })

    test('expires when its agent is there and does not extend it', async () => {
      const { id } = await home().running(its(), { onOutage: 'continue' })
      await home().pass(5 * 60_000 + 10_000)
      expect(await home().state(id)).toBe('pending')
    })

    test('still ends by its timeout', async () => {
      const { id } = await home().running(its(), { onOutage: 'continue', timeoutMs: 60_000 })
      await home().store.disconnected(its().by)
      await home().pass(120_000)
      expect(await home().state(id)).toBe('failure')
    })
  })
}

function shortened(open: OpenStore): void {
  describe('with test timings', () => {
    test('the margins shrink with the lease', async () => {
      const world = await World.open(open, { leaseMs: 5_000, testTimings: true })
      try {
        const agent = await world.agent()
        const { id } = await world.running(agent, { graceMs: 1_000 })
        await world.pass(5_000)
        expect(await world.state(id)).toBe('running')
        await world.pass(200)
        expect(await world.state(id)).toBe('pending')
      } finally {
        await world.close()
      }
    })
  })
}
