import type { Waiting } from './bench.ts'
import type { Entry } from './entry.ts'

/** An agent's open `next` and what it is to be offered. Settle it with `taken`, `refused` or `putBack`. */
export interface Pair {
  readonly waiting: Waiting
  readonly workflowId: string
}

/** What a pair has reserved until it is settled. */
export interface Reserved {
  entry: Entry
  readonly waiting: Waiting
  /** Of the workflow, when it was reserved. */
  readonly version: number
}
