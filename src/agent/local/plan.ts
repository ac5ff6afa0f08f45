import { type StepSpec, startsAfter } from '../../protocol/index.ts'

/** How a step ended. */
export type StepOutcome = 'success' | 'failure' | 'skipped' | 'canceled'

/** A step whose turn has come: to be run, or to be left out. */
export interface Due {
  readonly spec: StepSpec
  readonly run: boolean
}

type Phase = 'ahead' | 'running' | 'settled'

/**
 * Which step comes when. Without any `dependsOn` the steps run in order; with one anywhere they are a graph, and those
 * that name nobody start at once. Decides, and does nothing.
 */
export class Plan {
  readonly #steps: readonly StepSpec[]
  readonly #before: ReadonlyMap<string, readonly string[]>
  readonly #phases: Map<string, Phase>
  #failed = false

  /** Throws if a step names one that is not there, or if steps wait for each other. */
  constructor(steps: readonly StepSpec[]) {
    this.#steps = steps
    this.#before = predecessors(steps)
    this.#phases = new Map(steps.map(({ id }) => [id, 'ahead']))
    refuseRings(this.#before)
  }

  /** Whether a step failed that the workflow does not ignore. */
  get failed(): boolean {
    return this.#failed
  }

  /** The steps whose turn has come since the last call, each once. */
  due(): Due[] {
    const due: Due[] = []
    // In rounds: a step left out, or one that holds up nothing, lets others follow at once.
    for (let found = true; found; ) {
      found = false
      for (const spec of this.#steps) {
        if (this.#phases.get(spec.id) !== 'ahead' || !this.#free(spec)) continue
        const run = this.#wanted(spec)
        this.#phases.set(spec.id, run && !spec.detach ? 'running' : 'settled')
        due.push({ spec, run })
        found = true
      }
    }
    return due
  }

  ended(spec: StepSpec, outcome: StepOutcome): void {
    this.#phases.set(spec.id, 'settled')
    if (outcome === 'failure' && spec.failure !== 'ignore' && !spec.detach) this.#failed = true
  }

  /** Nothing starts any more; returns what never will. */
  cancel(): StepSpec[] {
    const left = this.#steps.filter(({ id }) => this.#phases.get(id) === 'ahead')
    for (const { id } of left) this.#phases.set(id, 'settled')
    return left
  }

  #free({ id }: StepSpec): boolean {
    return this.#before.get(id)?.every((other) => this.#phases.get(other) === 'settled') ?? true
  }

  #wanted({ when = [] }: StepSpec): boolean {
    return this.#failed ? when.includes('failure') : when.length === 0 || when.includes('success')
  }
}

function predecessors(steps: readonly StepSpec[]): Map<string, readonly string[]> {
  const before = new Map<string, readonly string[]>()
  for (const { id, after } of startsAfter(steps)) {
    if (before.has(id)) throw new Error(`two steps have the id ${id}`)
    before.set(id, after)
  }
  for (const [id, others] of before) {
    const missing = others.find((other) => !before.has(other))
    if (missing !== undefined) throw new Error(`step ${id} depends on ${missing}, which is not there`)
  }
  return before
}

function refuseRings(before: ReadonlyMap<string, readonly string[]>): void {
  const left = new Map(before)
  for (let size = -1; size !== left.size; ) {
    size = left.size
    for (const [id, others] of left) {
      if (!others.some((other) => left.has(other))) left.delete(id)
    }
  }
  if (left.size > 0) throw new Error(`steps wait for each other: ${[...left.keys()].join(', ')}`)
}
