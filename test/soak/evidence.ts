import type { LogPart, WorkflowDetail } from '../../src/protocol/index.ts'
import type { Plan } from './plan.ts'
import type { StepRecord } from './step-script.ts'

/** Something that must not be. */
export interface Violation {
  rule: string
  workflow?: string
  attempt?: number
  evidence: string
}

/** One attempt's log as the store has it. */
export interface AttemptLog {
  number: number
  state: 'open' | 'complete' | 'incomplete'
  parts: LogPart[]
}

/** A workflow that `submit` has acknowledged. */
export interface Subject {
  plan: Plan
  id: string
  /** The server took a cancel while it had not ended. */
  canceled: boolean
}

/** All that is known of a subject at the end. */
export interface Case extends Subject {
  /** Null: the server does not know it. */
  found: WorkflowDetail | null
  logs: AttemptLog[]
  /** What its steps wrote down, in order. */
  records: StepRecord[]
}
