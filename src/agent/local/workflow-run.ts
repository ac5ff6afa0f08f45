import type { StepSpec } from '../../protocol/index.ts'
import type { Cell } from '../isolation/cell.ts'
import type { Job, JobStep, Stop } from '../run.ts'
import type { Variables } from './environment.ts'
import { Plan } from './plan.ts'
import { StepRun, type StoppedAs } from './step-run.ts'
import type { Workspace } from './workspace.ts'

export interface WorkflowRunOptions {
  readonly job: Job
  readonly workspace: Workspace
  /** Where its steps run. */
  readonly cell: Cell
  readonly baseEnv: Variables
  readonly passEnv: readonly string[]
}

interface Running {
  readonly run: StepRun
  readonly ended: Promise<void>
}

/** All steps of one attempt, as the plan wants them, each reported to the job. */
export class WorkflowRun {
  readonly #options: WorkflowRunOptions
  readonly #plan: Plan
  readonly #steps: ReadonlyMap<string, { step: JobStep; index: number }>
  readonly #foreground = new Map<string, Running>()
  readonly #detached = new Map<string, Running>()

  constructor(options: WorkflowRunOptions) {
    this.#options = options
    this.#plan = new Plan(options.job.offer.workflow.steps)
    this.#steps = new Map(options.job.steps.map((step, index) => [step.spec.id, { step, index }]))
  }

  /** Resolves when every step has ended and none of their processes is left. */
  async run(): Promise<void> {
    const { signal } = this.#options.job
    const onAbort = () => this.#abort(stopOf(this.#options.job))
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    try {
      this.#launchDue()
      while (this.#foreground.size > 0) {
        await Promise.race([...this.#foreground.values()].map(({ ended }) => ended))
        this.#launchDue()
      }
      await this.#endDetached()
    } finally {
      signal.removeEventListener('abort', onAbort)
      await this.#endStrays()
    }
  }

  #launchDue(): void {
    for (const { spec, run } of this.#plan.due()) {
      if (run) this.#launch(spec)
      else this.#entry(spec).step.end({ state: 'skipped' })
    }
  }

  #launch(spec: StepSpec): void {
    const { step, index } = this.#entry(spec)
    const run = new StepRun({ ...this.#options, step, index })
    const among = spec.detach ? this.#detached : this.#foreground
    step.start()
    const ended = run
      .run()
      .catch((error: unknown) => ({ state: 'failure', error: messageOf(error) }) as const)
      .then((end) => {
        among.delete(spec.id)
        step.end(end)
        this.#plan.ended(spec, end.state)
        if (end.state === 'failure' && spec.failure === 'cancel' && !spec.detach) this.#cancelOthers(step)
      })
    among.set(spec.id, { run, ended })
  }

  /** `failure: cancel`: ends what runs. What is still ahead is up to the plan, as after any failure. */
  #cancelOthers(because: JobStep): void {
    const error = `canceled because ${because.spec.name} failed`
    this.#stopAll({ state: 'canceled', error }, this.#options.job.offer.workflow.graceMs)
  }

  #abort({ why, reason, graceMs }: Stop): void {
    for (const spec of this.#plan.cancel()) this.#entry(spec).step.end({ state: 'canceled' })
    const timedOut = why === 'timeout'
    this.#stopAll({ state: timedOut ? 'failure' : 'canceled', ...(timedOut ? { error: reason } : {}) }, graceMs)
  }

  #stopAll(as: StoppedAs, graceMs: number): void {
    for (const { run } of [...this.#foreground.values(), ...this.#detached.values()]) run.stop(as, graceMs)
  }

  /** The workflow is over, and with it what only ran beside it. */
  async #endDetached(): Promise<void> {
    const { graceMs } = this.#options.job.offer.workflow
    const left = [...this.#detached.values()]
    for (const { run } of left) run.stop({ state: 'success' }, graceMs)
    await Promise.all(left.map(({ ended }) => ended))
  }

  /** Only after a report that threw: what runs must not outlive its workspace. */
  async #endStrays(): Promise<void> {
    const left = [...this.#foreground.values(), ...this.#detached.values()]
    for (const { run } of left) run.stop({ state: 'canceled' }, 0)
    await Promise.allSettled(left.map(({ ended }) => ended))
  }

  #entry({ id }: StepSpec): { step: JobStep; index: number } {
    const entry = this.#steps.get(id)
    if (entry === undefined) throw new Error(`the job has no step ${id}`)
    return entry
  }
}

/** Why the job is to stop; an embedder's own signal may bring any reason. */
function stopOf({ signal, offer }: Job): Stop {
  const reason: unknown = signal.reason
  if (typeof reason === 'object' && reason !== null && 'why' in reason && 'graceMs' in reason) return reason as Stop
  return { why: 'canceled', reason: messageOf(reason), graceMs: offer.workflow.graceMs }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
