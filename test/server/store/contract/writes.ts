import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { StepSpec, StepStateName, WorkflowState } from '../../../../src/protocol/index.ts'
import type { Agent } from './agent.ts'
import { codeOf, type OpenStore, World } from './world.ts'

/** Rules 1 to 3: who may write, and what a write does. */
export function writes(open: OpenStore): void {
  let world: World
  let agent: Agent
  beforeEach(async () => {
    world = await World.open(open)
    agent = await world.agent()
  })
  afterEach(() => world.close())

  /** Every write that names a lease. */
  const all: [name: string, write: (as: Agent, lease: string) => Promise<unknown>][] = [
    ['init', (as, lease) => as.accept(lease)],
    ['update', (as, lease) => as.update(lease, {})],
    ['done', (as, lease) => as.finish(lease)],
    ['log', (as, lease) => as.log(lease, 's1', 1, ['x'])],
    ['gap', (as, lease) => as.gap(lease, 's1', 1, 2)],
    ['receipt', (as, lease) => world.store.receipt(as.by, lease, 1, 'received')],
  ]

  describe.each(all)('%s', (_, write) => {
    test('under an unknown lease is stale, and under a foreign one alike', async () => {
      const { id, lease } = await world.running(await world.agent('other'))
      const before = await world.get(id)
      expect(await codeOf(write(agent, 'no such lease'))).toBe('stale_lease')
      expect(await codeOf(write(agent, lease))).toBe('stale_lease')
      expect(await world.get(id)).toEqual(before)
    })

    test('by a connection that is not the newest is stale and writes nothing', async () => {
      const { id, lease } = await world.running(agent)
      const old = agent.by
      await agent.claim(lease, 'running')
      const before = await world.get(id)
      const late = Object.create(agent, { by: { value: old } }) as Agent
      expect(await codeOf(write(bound(agent, late), lease))).toBe('stale_lease')
      expect(await world.get(id)).toEqual(before)
    })
  })

  test.each(all.filter(([name]) => name === 'init' || name === 'update'))(
    '%s after done is stale',
    async (_, write) => {
      const { lease } = await world.running(agent)
      await agent.finish(lease)
      expect(await codeOf(write(agent, lease))).toBe('stale_lease')
    },
  )

  test.each(all.filter(([name]) => name !== 'init' && name !== 'receipt'))(
    '%s before init is stale',
    async (_, write) => {
      const lease = await agent.offered(await world.submit())
      expect(await codeOf(write(agent, lease))).toBe('stale_lease')
    },
  )

  updates(
    () => world,
    () => agent,
  )
  outcomes(
    () => world,
    () => agent,
  )
}

/** The agent's methods, asked by its old connection. */
function bound(agent: Agent, late: Agent): Agent {
  return {
    by: late.by,
    accept: (lease: string) => agent.accept(lease, late.by),
    update: (lease: string) => agent.update(lease, {}, undefined, late.by),
    finish: (lease: string) => agent.finish(lease, undefined, { by: late.by }),
    log: (lease: string, step: string, from: number, lines: string[]) => agent.log(lease, step, from, lines, late.by),
    gap: (lease: string, step: string, from: number) => agent.log(lease, step, from, ['x'], late.by),
  } as unknown as Agent
}

function updates(home: () => World, its: () => Agent): void {
  describe('an update', () => {
    test('shows the step as it was reported', async () => {
      const { id, lease } = await home().running(its())
      await its().update(lease, { stepId: 's2', state: 'failure', started: 5, finished: 9, exitCode: 3 })
      const step = (await home().get(id)).steps[1]
      expect(step).toMatchObject({ id: 's2', name: 'test', state: 'failure', exitCode: 3 })
      expect([step?.started?.getTime(), step?.finished?.getTime()]).toEqual([5, 9])
    })

    test('at or below the stored seq succeeds and changes nothing', async () => {
      const { id, lease } = await home().running(its())
      await its().update(lease, { state: 'success' }, 2)
      const before = await home().get(id)
      await its().update(lease, { state: 'running' }, 2)
      await its().update(lease, { state: 'running' }, 1)
      expect(await home().get(id)).toEqual(before)
    })

    test('counts per step', async () => {
      const { id, lease } = await home().running(its())
      await its().update(lease, { stepId: 's1', state: 'success' }, 5)
      await its().update(lease, { stepId: 's2', state: 'running' }, 1)
      expect((await home().get(id)).steps.map(({ state }) => state)).toEqual(['success', 'running'])
    })

    test('of a step that is not in the workflow is stale', async () => {
      const { lease } = await home().running(its())
      expect(await codeOf(its().update(lease, { stepId: 'other' }))).toBe('stale_lease')
    })
  })
}

const BAD: StepStateName = 'failure'
const OUTCOMES: [
  name: string,
  step: Partial<StepSpec>,
  end: StepStateName,
  state: Partial<WorkflowState>,
  outcome: string,
][] = [
  ['every step succeeded', {}, 'success', {}, 'success'],
  ['a step failed', {}, BAD, {}, 'failure'],
  ['a step failed whose failure is ignored', { failure: 'ignore' }, BAD, {}, 'success'],
  ['a step failed that cancels the others', { failure: 'cancel' }, BAD, {}, 'failure'],
  ['a detached step failed', { detach: true }, BAD, {}, 'success'],
  ['a step was skipped', {}, 'skipped', {}, 'success'],
  ['the agent names an error', {}, 'success', { error: 'timed out after 1 h' }, 'failure'],
  ['the agent says canceled', {}, BAD, { canceled: true }, 'canceled'],
]

function outcomes(home: () => World, its: () => Agent): void {
  describe('done', () => {
    test.each(OUTCOMES)('when %s', async (_, step, end, state, outcome) => {
      const steps = [{ id: 's1', name: 'build', commands: ['make'], ...step }]
      const { id, lease } = await home().running(its(), { steps })
      await its().finish(lease, { s1: end }, { state })
      expect(await home().get(id)).toMatchObject({ state: outcome, error: state.error ?? null })
    })

    test('wins the first time, and is already done after, whatever it says', async () => {
      const { id, lease } = await home().running(its())
      await its().finish(lease)
      expect(await codeOf(its().finish(lease, { s1: BAD, s2: BAD }))).toBe('already_done')
      expect(await home().state(id)).toBe('success')
    })

    test('leaves steps that were never reported skipped, or canceled after a cancel', async () => {
      const one = await home().running(its())
      await its().finish(one.lease, { s1: 'failure' })
      expect((await home().get(one.id)).steps.map(({ state }) => state)).toEqual(['failure', 'skipped'])
      const two = await home().running(its())
      await its().update(two.lease, { state: 'running' })
      await home().store.requestCancel([two.id], 'no more')
      await its().finish(two.lease, {})
      expect((await home().get(two.id)).steps.map(({ state }) => state)).toEqual(['canceled', 'canceled'])
    })

    test('of a step that is not in the workflow is stale', async () => {
      const { id, lease } = await home().running(its())
      expect(await codeOf(its().finish(lease, { s1: 'success', other: 'success' }))).toBe('stale_lease')
      expect(await home().state(id)).toBe('running')
    })

    test('keeps the times that the agent names', async () => {
      const { id, lease } = await home().running(its())
      await its().finish(lease, undefined, { state: { started: 1_000, finished: 9_000 } })
      const { started, finished } = await home().get(id)
      expect([started?.getTime(), finished?.getTime()]).toEqual([1_000, 9_000])
    })
  })
}
