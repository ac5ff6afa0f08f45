import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Agent } from './agent.ts'
import { codeOf, type OpenStore, World } from './world.ts'

/** Rule 8: a cancel is a state. */
export function cancel(open: OpenStore): void {
  let world: World
  let agent: Agent
  beforeEach(async () => {
    world = await World.open(open)
    agent = await world.agent()
  })
  afterEach(() => world.close())

  describe('a cancel before the start', () => {
    test('of a pending and of a waiting workflow is final at once', async () => {
      const first = await world.submit()
      const second = await world.submit({ dependsOn: [first] })
      const answer = await world.store.requestCancel([first, second], 'no more')
      expect(answer).toEqual({
        workflows: [
          { id: first, state: 'canceled', already: false },
          { id: second, state: 'canceled', already: false },
        ],
        intents: [],
      })
      expect((await world.get(first)).cancel).toMatchObject({ revision: 1, reason: 'no more', received: null })
      expect((await world.get(first)).steps.map(({ state }) => state)).toEqual(['canceled', 'canceled'])
    })

    test('of an offered one is final at once, and takes the offer back', async () => {
      const id = await world.submit()
      const lease = await agent.offered(id)
      const { intents } = await world.store.requestCancel([id], 'no more')
      expect(intents).toMatchObject([{ kind: 'revoke', agentId: agent.id, workflowId: id, lease }])
      expect(await codeOf(agent.accept(lease))).toBe('stale_lease')
      expect(await world.state(id)).toBe('canceled')
    })
  })

  describe('a cancel of several', () => {
    test('ends the pending ones, tells the running ones, and lets dependents see it; an unknown id hinders nothing', async () => {
      const pending = await world.submit()
      const { id, lease } = await world.running(agent)
      const child = await world.submit({ dependsOn: [pending], runsOn: ['failure'] })
      const { workflows, intents } = await world.store.requestCancel([pending, 'nothing', id], 'no more')
      expect(workflows).toEqual([
        { id: pending, state: 'canceled', already: false },
        { id: 'nothing', state: null, already: false },
        { id, state: 'running', already: false },
      ])
      expect(intents).toEqual([
        { kind: 'cancel', agentId: agent.id, workflowId: id, lease, revision: 1, reason: 'no more', graceMs: 10_000 },
      ])
      expect(await world.state(child)).toBe('pending')
    })

    test('says of one that has ended what it was', async () => {
      const id = await world.submit()
      await agent.run(id)
      const { workflows } = await world.store.requestCancel([id], 'too late')
      expect(workflows).toEqual([{ id, state: 'success', already: true }])
      expect((await world.get(id)).cancel).toBeNull()
    })
  })

  whileRunning(
    () => world,
    () => agent,
  )
}

function whileRunning(home: () => World, its: () => Agent): void {
  describe('a cancel of running work', () => {
    test('wins over a late success', async () => {
      const { id, lease } = await home().running(its())
      await home().store.requestCancel([id], 'no more')
      await its().finish(lease)
      expect(await home().get(id)).toMatchObject({ state: 'canceled', cancel: { stopped: expect.any(Date) } })
    })

    test('is asked again without a new revision', async () => {
      const { id } = await home().running(its())
      await home().store.requestCancel([id], 'first')
      const again = await home().store.requestCancel([id], 'second')
      expect(again).toEqual({ workflows: [{ id, state: 'running', already: false }], intents: [] })
      expect((await home().get(id)).cancel).toMatchObject({ revision: 1, reason: 'first' })
    })

    test('shows when it was received, when the work was stopping, and when it had stopped', async () => {
      const { id, lease } = await home().running(its())
      await home().store.requestCancel([id], 'no more')
      const times: number[] = []
      for (const phase of ['received', 'stopping', 'stopped'] as const) {
        await home().clock.advance(1_000)
        times.push(home().clock.now())
        await home().store.receipt(its().by, lease, 1, phase)
        await home().store.receipt(its().by, lease, 1, 'received')
      }
      const { cancel } = await home().get(id)
      expect([cancel?.received, cancel?.stopping, cancel?.stopped].map((time) => time?.getTime())).toEqual(times)
    })

    test('is told no more once it was received', async () => {
      const { id, lease } = await home().running(its())
      await home().store.requestCancel([id], 'no more')
      expect((await its().extend(lease)).intents).toMatchObject([{ kind: 'cancel', lease }])
      await home().store.receipt(its().by, lease, 1, 'received')
      expect(await its().extend(lease)).toEqual({ claims: [{ lease, verdict: 'cancel' }], intents: [] })
    })

    test('that was crossed by an init is told with its answer', async () => {
      const { id, lease } = await home().running(its())
      await home().store.requestCancel([id], 'no more')
      expect((await its().accept(lease)).intent).toMatchObject({ kind: 'cancel', lease, revision: 1 })
    })

    test('ends it canceled when its agent is lost, and it is never queued again', async () => {
      const { id, lease } = await home().running(its())
      await home().store.requestCancel([id], 'no more')
      await home().store.disconnected(its().by)
      // Its agent comes back without it.
      await its().connect()
      expect(await home().get(id)).toMatchObject({ state: 'canceled', error: null })
      expect(await codeOf(its().finish(lease))).toBe('stale_lease')
    })

    test('ends it canceled when it expires', async () => {
      const { id } = await home().running(its(), { leaseMs: 30_000, graceMs: 9_000 })
      await home().clock.advance(20_000)
      await home().store.requestCancel([id], 'no more')
      await home().pass(21_000)
      expect(await home().state(id)).toBe('canceled')
    })

    test('revokes an agent that has not stopped 30 s after the grace', async () => {
      const { id, lease } = await home().running(its())
      await home().store.requestCancel([id], 'no more')
      const early = await home().pass(39_000)
      expect([early.intents, await home().state(id)]).toEqual([[], 'running'])
      const { intents } = await home().pass(1_000)
      expect(intents).toMatchObject([{ kind: 'revoke', lease, revision: 2 }])
      expect(await home().state(id)).toBe('canceled')
      expect(await codeOf(its().finish(lease))).toBe('stale_lease')
    })
  })
}
