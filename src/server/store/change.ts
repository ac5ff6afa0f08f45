import type { AttemptEnd, Labels, LogPart, WorkflowStateName } from '../../protocol/index.ts'
import type { Scope } from '../scope.ts'

/** What a commit changed: ids and what the queue's index needs, never whole views. */
export type Change =
  | {
      kind: 'workflow'
      id: string
      version: number
      state: WorkflowStateName
      lane: LaneKey | null
      lease: string | null
      /** The agent that declined it or let its offer lapse, if that is what changed: not offered to it again for a while. */
      refusedBy?: string
      /** Its labels, once it is deleted: nobody could be told otherwise who could see it. */
      was?: Labels
      /** Where its state changed, or its cancel got further. */
      passage?: Passage
    }
  /** An attempt was closed; `begun`: its offer had been accepted. */
  | { kind: 'attempt'; how: AttemptEnd; begun: boolean }
  | { kind: 'step'; id: string; version: number }
  /** `was`: the labels it had, where it has others from now on, or is removed. */
  | { kind: 'agent'; id: string; version: number; removed?: boolean; was?: Labels }
  /** `scopes`: those that it looks different to, of all that were ever asked for, besides who sees everything. */
  | { kind: 'queue'; version: number; scopes: readonly Scope[] }
  /** A credential has ended, and with it all that is connected in its name. `agents`: the ids of its agents. */
  | { kind: 'revoked'; credentialId: string; agents: readonly string[] }
  /** A page's login has ended, and with it all that is connected by it. */
  | { kind: 'login'; id: string }
  /** One of its tokens has ended. `last`: it has no other, and is over like a revoked one until it is given another. */
  | { kind: 'token'; id: number; credentialId: string; last: boolean; agents: readonly string[] }
  | { kind: 'log'; id: string; attempt: number; part: LogPart }

/** A step in the life of a workflow, with what it took in milliseconds: for whoever counts. */
export interface Passage {
  /** Null: it is new. */
  from: WorkflowStateName | null
  /** From being in line to being taken up. */
  waitedMs?: number
  /** From its begin to its end. */
  ranMs?: number
  /** From the request of its cancel to each new word of its agent. */
  cancel?: { received?: number; stopping?: number; stopped?: number }
}

/** What matching needs of a workflow; present in a change while it is pending, offered or running. */
export interface LaneKey {
  labels: Labels
  group: string | null
  limit: number
  priority: number
  /** Orders those of equal priority; unique, rises with creation; a requeued one keeps it. */
  order: number
  /** Not offered before this time (a requeue waits for its old attempt). 0: at once. */
  notBefore: number
}
