import type { Session } from './session.ts'

/**
 * Where an agent's connection stands. Each state carries what belongs to it, so there is never a socket beside a flag that
 * says there is none.
 */
export type AgentState =
  | { readonly name: 'idle' }
  /** Opening a socket and saying hello; `giveUp` ends both. */
  | { readonly name: 'dialing'; readonly dial: number; readonly giveUp: AbortController }
  /** Until the next try; `cancel` clears its timer. */
  | { readonly name: 'waiting'; readonly cancel: () => void }
  | { readonly name: 'ready'; readonly session: Session }
  /** Saying goodbye: what was queued leaves, nothing new is taken. */
  | { readonly name: 'draining'; readonly session: Session }
  /** For good; `error` when somebody else decided so. */
  | { readonly name: 'stopped'; readonly error: Error | undefined }

/** Where an agent’s connection stands: see `AgentPeer.state`. */
export type StateName = 'idle' | 'dialing' | 'waiting' | 'ready' | 'draining' | 'stopped'

const EDGES: Readonly<Record<StateName, readonly StateName[]>> = {
  idle: ['dialing', 'stopped'],
  dialing: ['ready', 'waiting', 'stopped'],
  waiting: ['dialing', 'stopped'],
  ready: ['waiting', 'draining', 'stopped'],
  draining: ['stopped'],
  stopped: [],
}

/** Holds the state; the link is its one writer. */
export class StateHolder {
  readonly #listeners = new Set<(state: AgentState) => void>()
  #state: AgentState = { name: 'idle' }

  get current(): AgentState {
    return this.#state
  }

  /** Goes to `next`, for a reason. Throws if there is no such edge: that is a bug of ours. */
  enter(next: AgentState, why: string): void {
    const from = this.#state.name
    if (!EDGES[from].includes(next.name)) throw new Error(`an agent does not go from ${from} to ${next.name}: ${why}`)
    this.#state = next
    for (const listener of [...this.#listeners]) listener(next)
  }

  /** Calls back on each change. The answer ends it. */
  listen(listener: (state: AgentState) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
