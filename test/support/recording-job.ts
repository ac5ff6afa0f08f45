import type { Job, JobStep, StepEnd, Stop, Trace } from '../../src/agent/run.ts'
import type { LogKind, StepSpec, WorkflowSpec } from '../../src/protocol/index.ts'

export interface Written {
  step: string
  kind: LogKind
  text: string
}

export interface RecordingJobOptions {
  steps: (Partial<StepSpec> & { name: string })[]
  workflow?: Partial<WorkflowSpec>
  secrets?: Record<string, string>
  onWrite?: (written: Written) => void
  onStart?: (name: string) => void
}

/** A job that remembers what a `Run` reports. A step's id is its name. */
export class RecordingJob implements Job {
  readonly offer: Job['offer']
  readonly secrets: Readonly<Record<string, string>>
  readonly steps: readonly JobStep[]
  /** `start NAME` and `end NAME STATE`, as they came. */
  readonly events: string[] = []
  readonly written: Written[] = []
  readonly traces: Trace[] = []
  readonly #ends = new Map<string, StepEnd>()
  readonly #aborting = new AbortController()
  readonly #onWrite: (written: Written) => void
  readonly #onStart: (name: string) => void

  constructor({ steps, workflow, secrets = {}, onWrite = () => {}, onStart = () => {} }: RecordingJobOptions) {
    const specs = steps.map((step): StepSpec => ({ id: step.name, commands: [], ...step }))
    this.offer = {
      workflowId: 'wf-1',
      lease: 'lease-1',
      attempt: 1,
      ttlMs: 60_000,
      offerMs: 10_000,
      workflow: { ...PLAIN, ...workflow, steps: specs },
    }
    this.secrets = secrets
    this.#onWrite = onWrite
    this.#onStart = onStart
    this.steps = specs.map((spec) => this.#step(spec))
  }

  get signal(): AbortSignal {
    return this.#aborting.signal
  }

  stop(stop: Partial<Stop> = {}): void {
    this.#aborting.abort({ why: 'canceled', reason: 'by a test', graceMs: 5_000, ...stop } satisfies Stop)
  }

  leaves(trace: Trace): void {
    this.traces.push(trace)
  }

  step(name: string): JobStep {
    const step = this.steps.find(({ spec }) => spec.name === name)
    if (step === undefined) throw new Error(`no step ${name}`)
    return step
  }

  /** How the step ended; throws if it did not. */
  ended(name: string): StepEnd {
    const end = this.#ends.get(name)
    if (end === undefined) throw new Error(`step ${name} has not ended`)
    return end
  }

  /** `NAME STATE` of every step, in the workflow's order. */
  get outcomes(): string[] {
    return this.steps.map(({ spec }) => `${spec.name} ${this.#ends.get(spec.name)?.state ?? 'open'}`)
  }

  /** All text of a step, or only of these kinds. */
  text(name: string, ...kinds: LogKind[]): string {
    return this.written
      .filter(({ step, kind }) => step === name && (kinds.length === 0 || kinds.includes(kind)))
      .map(({ text }) => text)
      .join('')
  }

  /** `KIND: LINE` of a step, in order. */
  lines(name: string): string[] {
    return this.written
      .filter(({ step }) => step === name)
      .flatMap(({ kind, text }) =>
        text
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => `${kind}: ${line}`),
      )
  }

  #step(spec: StepSpec): JobStep {
    const { name } = spec
    return {
      spec,
      start: () => {
        this.events.push(`start ${name}`)
        this.#onStart(name)
      },
      write: (kind, text) => {
        const written = { step: name, kind, text: text.endsWith('\n') ? text : `${text}\n` }
        this.written.push(written)
        this.#onWrite(written)
      },
      end: (end) => {
        if (this.#ends.has(name)) throw new Error(`step ${name} ended twice`)
        this.#ends.set(name, end)
        this.events.push(`end ${name} ${end.state}`)
      },
      run: () => Promise.reject(new Error('a local backend reports by start, write and end')),
    }
  }
}

const PLAIN: WorkflowSpec = {
  name: 'build',
  labels: {},
  environment: {},
  priority: 0,
  timeoutMs: 60_000,
  graceMs: 5_000,
  onOutage: 'continue',
  maxAttempts: 3,
  dependsOn: [],
  runsOn: [],
  secrets: [],
  steps: [],
}
