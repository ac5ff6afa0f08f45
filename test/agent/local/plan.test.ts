import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Plan, type StepOutcome } from '../../../src/agent/local/plan.ts'
import type { StepSpec } from '../../../src/protocol/index.ts'

const spec = (id: string, more: Partial<StepSpec> = {}): StepSpec => ({ id, name: id, commands: [], ...more })
const due = (plan: Plan) => plan.due().map(({ spec: { id }, run }) => (run ? id : `-${id}`))

describe('a plan', () => {
  test('gives steps in order, one at a time', () => {
    const [a, b] = [spec('a'), spec('b')]
    const plan = new Plan([a, b])
    expect(due(plan)).toEqual(['a'])
    expect(due(plan)).toEqual([])
    plan.ended(a, 'success')
    expect(due(plan)).toEqual(['b'])
  })

  test('is a graph as soon as one step says whom it waits for, be it nobody', () => {
    expect(due(new Plan([spec('a'), spec('b', { dependsOn: ['a'] }), spec('c')]))).toEqual(['a', 'c'])
    expect(due(new Plan([spec('a'), spec('b', { dependsOn: [] })]))).toEqual(['a', 'b'])
  })

  test('leaves out in one go all that a failure bars', () => {
    const steps = [spec('a'), spec('b'), spec('c', { when: ['failure'] }), spec('d'), spec('e')]
    const plan = new Plan(steps)
    due(plan)
    plan.ended(steps[0] ?? spec('a'), 'failure')
    expect(due(plan)).toEqual(['-b', 'c'])
    plan.ended(steps[2] ?? spec('c'), 'success')
    expect(due(plan)).toEqual(['-d', '-e'])
  })

  test('lets what follows a detached step begin with it', () => {
    const plan = new Plan([spec('a', { detach: true }), spec('b')])
    expect(due(plan)).toEqual(['a', 'b'])
    plan.ended(spec('a', { detach: true }), 'failure')
    expect(plan.failed).toBe(false)
  })

  test('gives nothing more after a cancel', () => {
    const plan = new Plan([spec('a'), spec('b'), spec('c')])
    due(plan)
    expect(plan.cancel().map(({ id }) => id)).toEqual(['b', 'c'])
    plan.ended(spec('a'), 'canceled')
    expect(due(plan)).toEqual([])
  })

  test.each([
    ['unknown steps', [spec('a', { dependsOn: ['x'] })], 'step a depends on x, which is not there'],
    ['itself', [spec('a', { dependsOn: ['a'] })], 'steps wait for each other: a'],
    [
      'a ring behind a sound step',
      [spec('a'), spec('b', { dependsOn: ['c'] }), spec('c', { dependsOn: ['b'] })],
      'b, c',
    ],
    ['one id twice', [spec('a'), spec('a')], 'two steps have the id a'],
  ])('refuses %s', (_, steps, message) => {
    expect(() => new Plan(steps)).toThrow(message)
  })
})

const flags = {
  when: fc.option(fc.subarray(['success', 'failure'] as const), { nil: undefined }),
  failure: fc.option(fc.constantFrom('fail', 'ignore', 'cancel'), { nil: undefined }),
  detach: fc.boolean(),
  outcome: fc.constantFrom<StepOutcome>('success', 'failure'),
}

/** Steps that depend on earlier ones only, or a plain list, with what each will come to. */
const workflows = fc
  .tuple(
    fc.boolean(),
    fc.array(fc.tuple(fc.record(flags), fc.array(fc.nat(), { maxLength: 3 })), { minLength: 1, maxLength: 12 }),
  )
  .map(([graph, rows]) =>
    rows.map(([{ when, failure, detach, outcome }, picks], index) => {
      const dependsOn = index === 0 ? [] : picks.map((pick) => `s${pick % index}`)
      const step = spec(`s${index}`, {
        ...(when && { when: [...when] }),
        ...(failure && { failure }),
        detach,
        ...(graph && { dependsOn }),
      })
      return { step, outcome }
    }),
  )

test('every step is given out exactly once, after all it waits for, whatever ends when', () => {
  fc.assert(
    fc.property(workflows, fc.infiniteStream(fc.nat()), (workflow, picks) => {
      const plan = new Plan(workflow.map(({ step }) => step))
      const given: string[] = []
      const settled = new Set<string>()
      const running: StepSpec[] = []
      const take = () => {
        for (const { spec: step, run } of plan.due()) {
          given.push(step.id)
          expect((step.dependsOn ?? []).filter((id) => !settled.has(id))).toEqual([])
          if (!run || step.detach) settled.add(step.id)
          if (run) running.push(step)
        }
      }
      for (take(); running.length > 0; take()) {
        const at = (picks.next().value ?? 0) % running.length
        const [step] = running.splice(at, 1)
        if (step === undefined) break
        settled.add(step.id)
        plan.ended(step, workflow.find((row) => row.step === step)?.outcome ?? 'success')
      }
      expect(given.toSorted()).toEqual(workflow.map(({ step }) => step.id).toSorted())
    }),
  )
})

test('what runs was wanted: after a failure only what wants one, before it only what wants success', () => {
  fc.assert(
    fc.property(workflows, (workflow) => {
      const plan = new Plan(workflow.map(({ step }) => step))
      let failed = false
      for (let given = plan.due(); given.length > 0; given = plan.due()) {
        for (const { spec: step, run } of given) {
          expect(run).toBe((step.when?.length ? step.when : ['success']).includes(failed ? 'failure' : 'success'))
        }
        for (const { spec: step, run } of given) {
          if (!run) continue
          const outcome = workflow.find((row) => row.step === step)?.outcome ?? 'success'
          plan.ended(step, outcome)
          failed ||= outcome === 'failure' && step.failure !== 'ignore' && !step.detach
        }
      }
      expect(plan.failed).toBe(failed)
    }),
  )
})
