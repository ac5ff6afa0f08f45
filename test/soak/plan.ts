import type { RunStatus, StepSpec, WorkflowSpec } from '../../src/protocol/index.ts'
import type { Random } from '../support/random.ts'
import { command } from './step-script.ts'

/** What one step is to do. */
export interface PlannedStep {
  name: string
  /** Numbered lines that it prints. */
  lines: number
  /** Times that it says "I am at work" in its file, 0.2 s apart. */
  beats: number
  code: number
  stream: 'out' | 'err'
  /** Dies of nothing but SIGKILL. */
  stubborn: boolean
}

/** How a workflow comes out if nobody cancels it and it is not skipped. */
export type Ending = 'success' | 'failure'

/** A workflow as the generator thought it up: what it does, and what may come of it. */
export interface Plan {
  name: string
  steps: PlannedStep[]
  /** It ends so by itself. */
  ending: Ending
  /** One workflow of this group at a time, over all agents. */
  group: string | undefined
  /** Names of the same submission. */
  dependsOn: string[]
  runsOn: RunStatus[]
  /** Canceled so long after it was submitted. */
  cancelAfterMs: number | undefined
}

/** As it is submitted. */
export interface Submission extends Plan {
  spec: WorkflowSpec
}

export interface Where {
  /** The step's script. */
  script: string
  /** Where the steps of one lane, a group or a lone workflow, write down what they do. */
  records: (lane: string) => string
  graceMs: number
}

const GROUPS = ['north', 'south']
const SHAPES = ['plain', 'plain', 'plain', 'plain', 'long', 'fails', 'ignored', 'late', 'late step'] as const
type Shape = (typeof SHAPES)[number]

/** One to three workflows for one submission, some waiting for others of it. */
export function planSubmission(random: Random, where: Where, number: number): Submission[] {
  const names = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, (_, at) => `w${number}${'abc'[at] ?? ''}`)
  return names.map((name, at) => {
    const waits = at > 0 && random.next() < 0.8
    return planOne(random, where, name, waits ? names.slice(random.between(0, at - 1), at) : [])
  })
}

function planOne(random: Random, where: Where, name: string, dependsOn: string[]): Submission {
  const shape = random.pick(SHAPES)
  // A long one would hold up its group for minutes: whatever happens to its agent, it begins anew.
  const group = shape !== 'long' && random.next() < 0.1 ? random.pick(GROUPS) : undefined
  const steps = planSteps(random, shape)
  const runsOn = dependsOn.length === 0 ? [] : random.pick<RunStatus[]>([[], ['success'], ['failure'], BOTH])
  const cancelAfterMs = random.next() < 0.15 ? random.between(0, 6_000) : undefined
  const ending: Ending = GOOD.includes(shape) ? 'success' : 'failure'
  const plan = { name, steps, ending, group, dependsOn, runsOn, cancelAfterMs }
  return { ...plan, spec: specOf(random, where, shape, plan) }
}

const GOOD: readonly Shape[] = ['plain', 'long', 'ignored']
const BOTH: RunStatus[] = ['success', 'failure']

function planSteps(random: Random, shape: Shape): PlannedStep[] {
  const steps = Array.from({ length: random.between(1, 4) }, (_, at) => ({
    name: `s${at + 1}`,
    lines: linesOf(random),
    beats: random.between(1, 6),
    code: 0,
    stream: random.pick(['out', 'out', 'err'] as const),
    stubborn: random.next() < 0.15,
  }))
  const odd = random.pick(steps)
  if (shape === 'fails' || shape === 'ignored') odd.code = random.between(1, 9)
  // It outlasts a lease.
  if (shape === 'long') odd.beats = random.between(40, 60)
  if (shape === 'late' || shape === 'late step') odd.beats = LATE
  return steps
}

/** Beats of a step that is longer than any timeout. */
const LATE = 100

/** Mostly few, now and then thousands. */
function linesOf(random: Random): number {
  const most = random.pick([0, 20, 20, 20, 200, 200, 1_000, 5_000])
  return random.between(0, most)
}

function specOf(random: Random, where: Where, shape: Shape, plan: Plan): WorkflowSpec {
  const isGraph = random.next() < 0.4
  const file = where.records(plan.group ?? plan.name)
  const steps = plan.steps.map((step, at): StepSpec => {
    const before = plan.steps.slice(0, at).map(({ name }) => name)
    const isOdd = step.code !== 0 || step.beats === LATE
    return {
      id: step.name,
      name: step.name,
      commands: [command(where.script, file, plan.name, step)],
      ...(isGraph && at > 0 && { dependsOn: random.next() < 0.5 ? [random.pick(before)] : [] }),
      ...(isOdd && shape === 'ignored' && { failure: 'ignore' as const }),
      ...(isOdd && shape === 'late step' && { timeoutMs: random.between(500, 3_000) }),
    }
  })
  return {
    name: plan.name,
    labels: {},
    environment: {},
    priority: random.between(-1, 1),
    timeoutMs: shape === 'late' ? random.between(1_000, 5_000) : 600_000,
    graceMs: where.graceMs,
    onOutage: 'stop',
    maxAttempts: 100,
    ...(plan.group !== undefined && { concurrency: { group: plan.group, limit: 1 } }),
    dependsOn: plan.dependsOn,
    runsOn: plan.runsOn,
    secrets: [],
    steps,
  }
}
