import type { Labels } from './names.ts'
import type { AgentInfo, LogKind, Offer, StepState, WorkflowState } from './workflow.ts'

/**
 * The agent-server contract: eleven methods, the same seen from an agent (`connect()` in `drumline/agent`) and inside
 * the server's own process (`server.peer()`). All may be called at once, also for different workflows.
 *
 * **Errors.** A call rejects with `BusError` (answered: see its `code`, `retry`, `outcome`) or, once ownership is gone,
 * with `LeaseLost`. A lost connection is no error: calls wait for the next one. Only a peer that has been closed, or that
 * the server has refused for good, rejects everything with `BusError('unavailable')` or `CloseError`.
 *
 * **Cancelled calls.** An aborted `signal` ends the waiting, never the work: each method says what it then returns.
 *
 * **Units.** Times are integer milliseconds since 1970, durations integer milliseconds.
 */
export interface Peer {
  /** The protocol version in force and the server's own version. Aborted: rejects with `BusError('canceled')`. */
  version(options?: CallOptions): Promise<Version>

  /**
   * Waits for work that suits this agent, however long that takes. The offer stands for `offerMs` (10 s): accept it with
   * `init` or give it back with `decline`. As many calls may be open as the agent has free capacity.
   * Aborted: resolves with null; an offer that crosses the abort is declined for you.
   */
  next(filter?: Filter, options?: CallOptions): Promise<Offer | null>

  /** Gives an offer back. The agent is not offered that workflow for 30 s. An offer that has lapsed is no error. */
  decline(work: Work, reason: string): Promise<void>

  /**
   * Accepts an offer. No step may start before it resolves, with the values of the workflow's secrets. Sent again by
   * itself after a reconnect; the lease's time runs from the sending. Rejects with `LeaseLost` if the offer lapsed.
   * Aborted: rejects with `BusError('canceled')`, and the offer may have been accepted: `done` or let it expire.
   */
  init(work: Work, state: WorkflowState, options?: CallOptions): Promise<Accepted>

  /**
   * Waits for the end of the attempt: `{canceled: true}` when the server wants it stopped, `{canceled: false}` after
   * `done`. Costs no request. Rejects with `LeaseLost` when the lease is taken away or the agent's own clock ends it.
   * Aborted: resolves with `{canceled: false, aborted: true}`; that says nothing of the workflow.
   */
  wait(work: Work, options?: CallOptions): Promise<Ended>

  /**
   * Reports a step that started or ended. Kept and sent again, in order, until answered. Work goes on meanwhile: there
   * is no need to await it. Aborted: rejects with `BusError('canceled')`; the report is still delivered.
   */
  update(work: Work, step: StepState, options?: CallOptions): Promise<void>

  /**
   * Queues whole lines of a step. Never blocks and never fails: what does not fit into memory goes to a spool file, and
   * what does not fit there leaves a gap that the server's log names.
   */
  enqueueLog(work: Work, entry: LogEntry): void

  /**
   * Renews leases now. The library does so by itself, at least three times a TTL; a call is only needed by one that
   * wants to know. Rejects with `LeaseLost` when this one is gone.
   */
  extend(work: Work, options?: CallOptions): Promise<void>

  /**
   * Reports the end, with the last state of every step and the number of its lines; call it also after a cancel. Kept
   * and sent again until answered; one that was already done counts as success. After `LeaseLost` it resolves without
   * sending. Aborted: rejects with `BusError('canceled')`; the report is still delivered.
   */
  done(work: Work, state: WorkflowState, options?: CallOptions): Promise<void>

  /** Announces the agent anew (labels, capacity). The connection has done it once already. Returns the agent's id. */
  registerAgent(info: AgentInfo, options?: CallOptions): Promise<string>

  /** Takes the agent out of the registry's offers. What it still runs it may finish. */
  unregisterAgent(options?: CallOptions): Promise<void>

  /** Tells the server that the agent is well. The library does so by itself with every `extend`. */
  reportHealth(options?: CallOptions): Promise<void>
}

/** How long a call is waited for. */
export interface CallOptions {
  /** Ends the waiting, never the work. */
  signal?: AbortSignal
}

/** Names an attempt. An agent may hold a dying and a new attempt of one workflow, so the id alone would not do. */
export interface Work {
  /** For people and logs. */
  readonly workflowId: string
  /** What counts: every write names it. */
  readonly lease: string
}

/** Labels that hold for this call beside the agent's own. */
export interface Filter {
  /** `k → v`, as an agent’s own labels. */
  labels?: Labels
}

/** What the two ends speak. */
export interface Version {
  /** The version of the wire in force: 1. */
  readonly protocol: number
  /** Of the server’s software. */
  readonly server: string
}

/** What `init` brings. */
export interface Accepted {
  /** Values by name. They are masked in the log, and belong nowhere else. */
  readonly secrets: Readonly<Record<string, string>>
}

/** How an attempt ended, seen from whoever runs it. */
export interface Ended {
  /** The server wants it stopped. */
  readonly canceled: boolean
  /** The wait was given up; the attempt goes on. */
  readonly aborted?: boolean
  /** With `canceled`: why, for people. */
  readonly reason?: string
  /** With `canceled`: milliseconds from SIGTERM to SIGKILL. */
  readonly graceMs?: number
}

/** Lines of one step. */
export interface LogEntry {
  /** Of a step of the workflow. */
  readonly stepId: string
  /** Where they come from. */
  readonly kind: LogKind
  /** One or more whole lines; a last newline that is missing is added. */
  readonly text: string
  /** Milliseconds since the step started; default: since its first `update` or line. */
  readonly ms?: number
}
