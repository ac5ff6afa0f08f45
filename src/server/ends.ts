import type { By, Intent } from './store/store.ts'

/** The live end of one agent: its socket's session, or the peer in this process. */
export interface AgentEnd {
  readonly by: By
  readonly boot: string
  /** Says what the server wants. May be called again for the same; the agent acts once on each. */
  tell(intent: Intent): void
  /** A lease ended without the agent: whoever waits for it learns that it is lost. */
  lost(workflowId: string, lease: string, reason: string): void
  /** Whether anybody is there, within `ms`. */
  probe(ms: number): Promise<boolean>
  /** Ends it with a close code; idempotent. */
  dismiss(code: number, reason: string): void
}

/** Which end serves each agent. One an agent: the one of the newest connection. */
export class Ends {
  readonly #ends = new Map<string, AgentEnd>()

  of(agentId: string): AgentEnd | undefined {
    return this.#ends.get(agentId)
  }

  /** The end that has to go: an older one of this agent, or `end` itself when a newer one is there already. */
  admit(end: AgentEnd): AgentEnd | undefined {
    const held = this.#ends.get(end.by.agentId)
    if (held !== undefined && held.by.connection > end.by.connection) return end
    this.#ends.set(end.by.agentId, end)
    return held
  }

  /** Forgets this end, not one that came after it. */
  drop(end: AgentEnd): void {
    if (this.#ends.get(end.by.agentId) === end) this.#ends.delete(end.by.agentId)
  }
}
