import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunStatus, StepStateName } from '../../../../src/protocol/index.ts'
import type { Agent } from './agent.ts'
import { codeOf, type OpenStore, refusal, specOf, World } from './world.ts'

type Outcome = 'success' | 'failure' | 'skipped' | 'canceled'

const BOTH: RunStatus[] = ['success', 'failure']
const RUNS_ON: [outcomes: Outcome[], runsOn: RunStatus[], runs: boolean][] = [
  [['success'], [], true],
  [['success'], ['success'], true],
  [['success'], ['failure'], false],
  [['success'], BOTH, true],
  [['failure'], [], false],
  [['failure'], ['success'], false],
  [['failure'], ['failure'], true],
  [['failure'], BOTH, true],
  [['skipped'], [], false],
  [['skipped'], ['failure'], true],
  [['canceled'], [], false],
  [['canceled'], ['failure'], true],
  [['success', 'failure'], [], false],
  [['success', 'failure'], BOTH, true],
]

/** Dependencies and `runs_on`. */
export function dependencies(open: OpenStore): void {
  let world: World
  let agent: Agent
  beforeEach(async () => {
    world = await World.open(open)
    agent = await world.agent()
  })
  afterEach(() => world.close())

  describe('runs_on', () => {
    test.each(RUNS_ON)('after %j with %j: %j', async (wanted, runsOn, runs) => {
      const parents = await Promise.all(wanted.map((outcome) => parentOf(outcome)))
      const child = await world.submit({ dependsOn: parents.map(({ id }) => id), runsOn })
      expect(await world.state(child)).toBe('waiting')
      for (const { end } of parents) await end()
      expect(await world.state(child)).toBe(runs ? 'pending' : 'skipped')
    })

    test.each(RUNS_ON)('is the same when %j was before it was submitted, with %j: %j', async (wanted, runsOn, runs) => {
      const parents = await Promise.all(wanted.map((outcome) => parentOf(outcome)))
      for (const { end } of parents) await end()
      const child = await world.submit({ dependsOn: parents.map(({ id }) => id), runsOn })
      expect(await world.state(child)).toBe(runs ? 'pending' : 'skipped')
    })
  })

  /** A workflow and what makes it end so. */
  async function parentOf(outcome: Outcome): Promise<{ id: string; end: () => Promise<unknown> }> {
    if (outcome === 'skipped') {
      const before = await world.submit()
      const id = await world.submit({ dependsOn: [before] })
      return { id, end: () => agent.run(before, { s1: 'failure' }) }
    }
    const id = await world.submit()
    if (outcome === 'canceled') return { id, end: () => world.store.requestCancel([id], 'no more') }
    const ends: Record<string, StepStateName> = { s1: outcome }
    return { id, end: () => agent.run(id, ends) }
  }

  graphs(
    () => world,
    () => agent,
  )
  refusals(() => world)
}

function graphs(home: () => World, its: () => Agent): void {
  describe('dependencies', () => {
    test('may be given in any order: parents go first, then each after all of its own', async () => {
      await home().submitAll(
        { name: 'deploy', dependsOn: ['test', 'build'] },
        { name: 'test', dependsOn: ['build'] },
        { name: 'build' },
      )
      expect(await home().states('build', 'test', 'deploy')).toEqual(['pending', 'waiting', 'waiting'])
      await its().run('build')
      expect(await home().states('test', 'deploy')).toEqual(['pending', 'waiting'])
      await its().run('test')
      expect(await home().state('deploy')).toBe('pending')
    })

    test('hand a skip on to their own dependents', async () => {
      await home().submitAll(
        { name: 'a' },
        { name: 'b', dependsOn: ['a'] },
        { name: 'c', dependsOn: ['b'] },
        { name: 'd', dependsOn: ['c'], runsOn: ['failure'] },
      )
      await its().run('a', { s1: 'failure' })
      expect(await home().states('b', 'c', 'd')).toEqual(['skipped', 'skipped', 'pending'])
    })

    test('show each parent with its name and state', async () => {
      await home().submitAll({ name: 'child', dependsOn: ['one', 'two'] }, { name: 'one' }, { name: 'two' })
      await its().run('one')
      expect((await home().get('child')).dependsOn).toEqual([
        { id: 'one', name: 'one', state: 'success' },
        { id: 'two', name: 'two', state: 'pending' },
      ])
    })

    test('see that a parent gave up', async () => {
      const parent = await home().submit({ maxAttempts: 1 })
      const child = await home().submit({ dependsOn: [parent], runsOn: ['failure'] })
      await its().start(parent)
      await its().connect()
      expect(await home().states(parent, child)).toEqual(['error', 'pending'])
    })

    test('wait for a parent that was put back into the queue', async () => {
      await home().submitAll({ name: 'a' }, { name: 'b' }, { name: 'c', dependsOn: ['a', 'b'] })
      await its().run('a', { s1: 'failure' })
      await home().store.requeue('a')
      await its().run('b')
      expect(await home().state('c')).toBe('waiting')
      await its().run('a')
      expect(await home().state('c')).toBe('pending')
    })

    test('name every workflow of the call that bears the name', async () => {
      const specs = [
        { id: 'x1', spec: 'x' },
        { id: 'x2', spec: 'x' },
      ]
      await home().store.submit(
        [
          ...specs.map(({ id, spec }) => ({ id, spec: specOf({ name: spec }) })),
          { id: 'y', spec: specOf({ name: 'y', dependsOn: ['x'] }) },
        ],
        {},
      )
      await its().run('x1')
      expect(await home().state('y')).toBe('waiting')
      await its().run('x2')
      expect(await home().state('y')).toBe('pending')
    })
  })
}

function refusals(home: () => World): void {
  describe('a submission', () => {
    test('with an unknown dependency is refused and named, and nothing of it is kept', async () => {
      const world = home()
      const error = await refusal(world.submitAll({ name: 'a' }, { name: 'b', dependsOn: ['nothing'] }))
      expect([error.code, error.message]).toEqual(['bad_request', expect.stringContaining('nothing')])
      expect(await world.store.get('a')).toBeNull()
    })

    test('with a cycle is refused, naming a member and none that merely waits for it', async () => {
      const error = await refusal(
        home().submitAll(
          { name: 'outside', dependsOn: ['a'] },
          { name: 'a', dependsOn: ['b'] },
          { name: 'b', dependsOn: ['c'] },
          { name: 'c', dependsOn: ['a'] },
        ),
      )
      expect(error.code).toBe('bad_request')
      expect(error.message).toMatch(/^[abc] depends on itself/)
    })

    test('that depends on itself is refused', async () => {
      expect(await codeOf(home().submitAll({ name: 'a', dependsOn: ['a'] }))).toBe('bad_request')
    })
  })
}
