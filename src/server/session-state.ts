import type { AgentLink } from './agent-link.ts'

/** Where a connection stands. Each state carries what only it has. */
export type SessionState =
  /** `asked`: a hello came and is being answered; nothing else may come before the welcome. */
  | { name: 'hello'; asked: boolean }
  /** `agent`: null for an operator. */
  | { name: 'ready'; agent: AgentLink | null }
  /** `afterMs`: its slot to leave, told with `bye`. */
  | { name: 'draining'; agent: AgentLink | null; afterMs: number }
  | { name: 'closed'; code: number; reason: string }

type Name = SessionState['name']

const EDGES: Readonly<Record<Name, readonly Name[]>> = {
  hello: ['hello', 'ready', 'closed'],
  ready: ['draining', 'closed'],
  draining: ['closed'],
  closed: [],
}

/** The one writer of a connection's state: an edge that is not in the table is a bug, told with its reason. */
export class SessionLife {
  #state: SessionState = { name: 'hello', asked: false }
  readonly #told: (state: SessionState, why: string) => void

  constructor(told: (state: SessionState, why: string) => void) {
    this.#told = told
  }

  get state(): SessionState {
    return this.#state
  }

  get open(): boolean {
    return this.#state.name !== 'closed'
  }

  to(next: SessionState, why: string): void {
    const from = this.#state.name
    if (!EDGES[from].includes(next.name)) throw new Error(`a connection cannot go from ${from} to ${next.name}: ${why}`)
    this.#state = next
    this.#told(next, why)
  }
}
