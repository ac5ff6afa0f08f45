import type {
  AgentInfo,
  AgentView,
  Claim,
  ClaimVerdict,
  Labels,
  LogRun,
  Offer,
  Phase,
  QueueView,
  ResultOf,
  StepResult,
  StepState,
  WorkflowDetail,
  WorkflowSpec,
  WorkflowState,
  WorkflowStateName,
  WorkflowView,
} from '../../protocol/index.ts'
import type { Scope } from '../scope.ts'
import type { Actor, AuditStore } from './audit.ts'
import type { Change } from './change.ts'
import type { CredentialStore } from './credential.ts'
import type { LoginStore } from './login-store.ts'

export type { Credential } from './credential.ts'

/**
 * The truth, in verbs of the field. Every call is one transaction, grouped with all others that wait, and resolves after
 * the commit; its changes are told to `onChange` at the same moment, before the caller goes on. A call that is refused
 * rejects with `BusError` and has written nothing. Calls take effect in the order they were made. To a call with a `scope`
 * what is out of it is not there. Default: everything is.
 */
export interface Store extends CredentialStore, LoginStore, SessionStore, WorkStore, LogStore, AuditStore {
  /** The same store in somebody's hands: what it changes is noted as theirs, in the transaction of the change itself. */
  as(who: Actor): Store
  /** The one listener for what commits changed, in commit order. */
  onChange(listener: (changes: readonly Change[]) => void): void
  /** The one listener for how its transactions do. */
  onBatch(listener: (batch: Batch) => void): void
  /** Commits what was asked and closes. Later calls reject with `unavailable`. */
  close(): Promise<void>
}

/** A transaction that was committed, or could not be: so many calls, answered after so long. */
export interface Batch {
  calls: number
  ms: number
}

/** What the agents that are connected can do, and do. */
export interface AgentTotals {
  online: number
  draining: number
  offline: number
  /** Workflows that those which are online or draining can run at a time. */
  capacity: number
  /** Of these, the ones they have been offered or run. */
  busy: number
}

/** The connection that asks: a write from any but the agent's newest is refused as `stale_lease`. */
export interface By {
  agentId: string
  connection: number
}

export interface HelloAsk {
  credentialId: string
  agent: AgentInfo
  boot: string
  dial: number
  replaces: readonly string[]
  claims: readonly Claim[]
  /** How often it pings, if it has to. */
  keepaliveMs?: number | undefined
  /** Where it comes from; missing: from this process. */
  address?: string | undefined
  /** Set once the other boot's socket was found dead, or was never there: admit over it. */
  admitOver?: string
}

/**
 * Refused: another boot of this name is connected (probe it), or this boot was replaced, or the dial is old, or the
 * credential was revoked or has expired meanwhile.
 */
export type HelloAnswer =
  | { admitted: true; agentId: string; name: string; connection: number; claims: ClaimVerdict[]; intents: Intent[] }
  | { admitted: false; why: 'other_boot'; agentId: string; boot: string }
  | { admitted: false; why: 'replaced' | 'old_dial' | 'revoked' | 'expired' }

/** What the server wants of an agent until it is receipted: repeated every 5 s and after each welcome. */
export interface Intent {
  kind: 'cancel' | 'revoke'
  agentId: string
  workflowId: string
  lease: string
  revision: number
  reason: string
  graceMs: number
}

export interface SessionStore {
  /** Rule 2 and 7: numbers the connection, takes back old offers, answers the claims. */
  hello(ask: HelloAsk): Promise<HelloAnswer>
  /** The socket of this connection is gone: its open offers lapse at once, the agent is offline if it was the newest. */
  disconnected(by: By): Promise<void>
  register(by: By, agent: AgentInfo): Promise<void>
  unregister(by: By): Promise<void>
  health(by: By): Promise<void>
  /** How long a ping and its answer took. */
  noteRoundTrip(by: By, ms: number): Promise<void>
  /** Another process of this agent's name and credential was turned away just now. */
  noteConflict(id: string): Promise<void>
  setAgent(id: string, set: { schedulable?: boolean; drain?: boolean }, scope?: Scope): Promise<void>
  removeAgent(id: string, scope?: Scope): Promise<Intent[]>
  /** Whether anything is open between it and us: attempts, lines that are to come, a revoke that it has not answered. */
  agentHolds(id: string): Promise<boolean>
  listAgents(page: { limit: number; before?: string; scope?: Scope }): Promise<ResultOf<'agents'>>
  getAgent(id: string): Promise<AgentView | null>
  agentTotals(): Promise<AgentTotals>
}

export interface NewWorkflow {
  id: string
  spec: WorkflowSpec
}

/** One mutation of an operator, so that its repeat has one effect. */
export interface Key {
  credentialId: string
  method: string
  key: string
  paramsHash: string
}

export interface CancelAnswer {
  workflows: ResultOf<'cancel'>['workflows']
  intents: Intent[]
}

export interface SweepAnswer {
  intents: Intent[]
  /** Leases that ended in this sweep, with their agents: whoever waits for them learns that they lost. */
  lapsed: { agentId: string; workflowId: string; lease: string; why: 'offer' | 'expired' }[]
  /** The server had been away: deadlines were raised instead. */
  wasAway: boolean
}

export interface WorkStore {
  /** All or none. `dependsOn` names workflows of this call, else known ids. Unknown or circular: `bad_request`. */
  submit(
    workflows: readonly NewWorkflow[],
    secrets: Readonly<Record<string, string>>,
    key?: Key,
    scope?: Scope,
  ): Promise<ResultOf<'submit'>>
  /** Hands a pending workflow to an agent. Null: not pending any more, paused, group full, agent gone or not schedulable. */
  offer(workflowId: string, by: By): Promise<Offer | null>
  decline(by: By, lease: string, reason: string): Promise<void>
  /** `init`: idempotent by lease. */
  accept(
    by: By,
    lease: string,
    state: WorkflowState,
  ): Promise<{ secrets: Record<string, string>; intent: Intent | null }>
  update(by: By, lease: string, seq: number, step: StepState): Promise<void>
  extend(
    by: By,
    leases: readonly { lease: string; phase: Phase }[],
  ): Promise<ResultOf<'extend'> & { intents: Intent[] }>
  /** `done`: the first wins, a repeat is `already_done`. */
  finish(by: By, lease: string, state: WorkflowState, steps: readonly StepResult[]): Promise<void>
  requestCancel(ids: readonly string[], reason: string, key?: Key, scope?: Scope): Promise<CancelAnswer>
  receipt(by: By, lease: string, revision: number, phase: 'received' | 'stopping' | 'stopped'): Promise<void>
  requeue(id: string, key?: Key, scope?: Scope): Promise<{ workflow: WorkflowView; intents: Intent[] }>
  setPaused(paused: boolean): Promise<void>
  /**
   * Removes a bounded piece of what has outlived its time: ended workflows with their attempts, steps and lines, agents
   * that will not come back as themselves. Each is told as a change; who asks for it then finds nothing. Answers whether
   * more is due.
   */
  prune(): Promise<{ more: boolean }>
  /**
   * Writes the `alive` mark when due; expires offers and leases; finds overdue cancels and timeouts. While the disk takes
   * no writes it rejects with `unavailable`, as every call that has to write, and tries whether there is room again.
   */
  sweep(): Promise<SweepAnswer>
  /** Every workflow that is pending, offered or running, for the queue's index at start. */
  loadQueue(after: number, limit: number): Promise<{ rows: (Change & { kind: 'workflow' })[]; more: boolean }>
  get(id: string, scope?: Scope): Promise<WorkflowDetail | null>
  list(page: {
    state?: readonly WorkflowStateName[]
    labels?: Labels
    /** In its name, its id, its agent's name or a label as `k=v`, in large or small letters. */
    text?: string
    limit: number
    before?: string
    scope?: Scope
  }): Promise<ResultOf<'list'>>
  queueInfo(scope?: Scope): Promise<QueueView>
}

export interface LogAppend {
  lease: string
  stepId: string
  from: number
  to: number
  /** Lines, or null for a gap with its reason. */
  lines: { text: string; runs: readonly LogRun[] } | null
  reason?: string
}

export interface LogStore {
  /**
   * Stores lines or a gap after `upto`; what is at or below it is trimmed or dropped. A hole writes nothing and answers
   * `hole: true` with the `upto` to rewind to. `stale_lease` for a lease or step that may not write.
   */
  appendLog(by: By, append: LogAppend): Promise<{ upto: number; hole: boolean }>
  readLogs(ask: {
    id: string
    attempt?: number
    stepId?: string
    after?: string
    /** Of a step: begin with the part that holds this line. */
    from?: number
    bytes: number
    scope?: Scope
  }): Promise<ResultOf<'logs'>>
  /** Looks through a bounded piece of a step's log. */
  searchLogs(ask: {
    id: string
    attempt?: number
    stepId: string
    text: string
    sensitive: boolean
    after?: string
    /** The first line to look at; with `back` the last. */
    from?: number
    back: boolean
    scope?: Scope
  }): Promise<ResultOf<'logs.search'>>
}
