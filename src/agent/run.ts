import type { LogKind, Offer, StepSpec } from '../protocol/index.ts'

/**
 * The work itself: runs one workflow and resolves when it has ended. The steps' outcomes decide the workflow's; a
 * rejection fails it with the error's message. After `job.signal` aborts it should stop soon: what it returns then no
 * longer matters to the server, but nothing else is started in its place before it has settled.
 */
export type Run = (job: Job) => Promise<void>

/** One attempt of a workflow, accepted and to be run. */
export interface Job {
  /** What was handed out: the workflow, the attempt and its lease. */
  readonly offer: Offer
  /** Values of the workflow's secrets by name. */
  readonly secrets: Readonly<Record<string, string>>
  /** Aborted with a `Stop` as its reason. */
  readonly signal: AbortSignal
  /** In the order of the workflow. */
  readonly steps: readonly JobStep[]
  /** The step of this name. Throws if the workflow has none. */
  step(name: string): JobStep
  /**
   * Notes what is to be ended and removed in its place if this process is killed or stopped: by its guardian (what has this
   * folder in HOME or CI_WORKSPACE, as in `localBackend`), and by a later start of this agent.
   */
  leaves(trace: Trace): void
}

/** What work leaves on this machine while it runs. */
export type Trace =
  /** A process group, by its leader's number. */
  | { readonly group: number }
  /** A folder, by its path. */
  | { readonly folder: string }

/** One step of a job: what it does is reported as it happens. */
export interface JobStep {
  /** As it was submitted. */
  readonly spec: StepSpec
  /** Reports the start. */
  start(): void
  /** Whole lines; a last newline that is missing is added. */
  write(kind: LogKind, text: string): void
  /** Reports the end, once; what was never ended is `skipped`, or `canceled` after a cancel. */
  end(result: StepEnd): void
  /**
   * Start, work, end: success when it resolves, failure with the error's message when it throws. Resolves to whether
   * it succeeded, so that a plain loop can stop at the first failure.
   */
  run(work: (log: (text: string) => void) => void | Promise<void>): Promise<boolean>
}

/** How a step ended. */
export interface StepEnd {
  /** The outcome. */
  state: 'success' | 'failure' | 'skipped' | 'canceled'
  /** 128 + n for signal n. Default: null, as for work that is no process. */
  exitCode?: number | null
  /** Why it failed, for people. Default: empty. */
  error?: string
}

/** Why a job is to stop. `lost`: report nothing. */
export interface Stop {
  /** `canceled` by the server, out of time, ownership `lost`, or the agent itself goes. */
  readonly why: 'canceled' | 'timeout' | 'lost' | 'shutdown'
  /** For people. */
  readonly reason: string
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number
}
