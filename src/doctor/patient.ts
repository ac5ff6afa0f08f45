import type { Network } from '../socket/index.ts'

/** What is to be examined, and how patiently. */
export interface Patient {
  /** Of the bus. */
  readonly url: URL
  /** Missing: what needs a credential is not tried. */
  readonly token: string | undefined
  readonly network: Network
  /** For each step, before it is called silent. */
  readonly patienceMs: number
  /** How long a connection is held on which nothing is said; 0: none is. */
  readonly idleMs: number
}
