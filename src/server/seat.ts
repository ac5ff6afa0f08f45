import type { AgentView, Labels } from '../protocol/index.ts'
import type { By } from './store/store.ts'

/** An agent that was let in: who it is on this connection, and what it has open. */
export class Seat {
  readonly by: By
  readonly boot: string
  readonly name: string
  labels: Labels
  capacity: number
  /** Calls of `next` that wait. */
  waiting = 0

  constructor(by: By, boot: string, view: AgentView) {
    this.by = by
    this.boot = boot
    this.name = view.name
    this.labels = view.labels
    this.capacity = view.capacity
  }
}
