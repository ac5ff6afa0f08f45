import type { AgentInfo, Labels } from '../protocol/index.ts'
import type { By, Credential } from './store/store.ts'

/** An agent that was let in: who it is on this connection, and what it has open. */
export class Seat {
  readonly by: By
  readonly boot: string
  readonly name: string
  labels: Labels
  capacity: number
  /** Calls of `next` that wait. */
  waiting = 0

  constructor(by: By, boot: string, name: string, info: AgentInfo) {
    this.by = by
    this.boot = boot
    this.name = name
    this.labels = info.labels
    this.capacity = info.capacity
  }
}

/** What the agent says of itself, with the labels its credential forces on it. */
export function forced(info: AgentInfo, credential: Credential): AgentInfo {
  return { ...info, labels: { ...info.labels, ...credential.labels } }
}
