import { type Clock, LEASE } from '../protocol/index.ts'
import type { Ends } from './ends.ts'
import type { Change } from './store/change.ts'
import type { Intent } from './store/store.ts'

interface Repeated {
  intent: Intent
  /** Times it may still be said; the store says it anew after the next handshake or sweep. */
  left: number
  cancel: () => void
}

interface IntentsOptions {
  ends: Ends
  clock: Clock
  /** How long a lease lives at most without its agent: a revoke is said no longer than that. */
  leaseMs: number
  repeatMs?: number
}

/** What the server wants of its agents: said at once and repeated until receipted, or until it no longer matters. */
export class Intents {
  readonly #options: IntentsOptions
  readonly #open = new Map<string, Repeated>()
  readonly #repeatMs: number

  constructor(options: IntentsOptions) {
    this.#options = options
    this.#repeatMs = options.repeatMs ?? LEASE.repeatMs
  }

  /** Says each to its agent, if that one is connected here. */
  push(intents: readonly Intent[]): void {
    for (const intent of intents) this.#say(intent)
  }

  /** A cancel is heard once received, a revoke only once the work has stopped. */
  receipted(lease: string, revision: number, phase: 'received' | 'stopping' | 'stopped'): void {
    this.#drop('cancel', lease, revision)
    if (phase === 'stopped') this.#drop('revoke', lease, revision)
  }

  /** A cancel ends with its attempt. */
  apply(changes: readonly Change[]): void {
    if (this.#open.size === 0) return
    const held = new Map<string, string | null>()
    for (const change of changes) if (change.kind === 'workflow') held.set(change.id, change.lease)
    for (const [key, { intent, cancel }] of this.#open) {
      const lease = held.get(intent.workflowId)
      if (intent.kind !== 'cancel' || lease === undefined || lease === intent.lease) continue
      cancel()
      this.#open.delete(key)
    }
  }

  close(): void {
    for (const { cancel } of this.#open.values()) cancel()
    this.#open.clear()
  }

  #say(intent: Intent): void {
    const end = this.#options.ends.of(intent.agentId)
    if (end === undefined) return
    const key = keyOf(intent.kind, intent.lease)
    const known = this.#open.get(key)
    if (known !== undefined && known.intent.revision > intent.revision) return
    known?.cancel()
    const left = Math.ceil((this.#options.leaseMs + LEASE.expireLateMs) / this.#repeatMs)
    this.#open.set(key, { intent, left, cancel: this.#later(key) })
    end.tell(intent)
  }

  #later(key: string): () => void {
    return this.#options.clock.after(this.#repeatMs, () => this.#repeat(key))
  }

  #repeat(key: string): void {
    const repeated = this.#open.get(key)
    if (repeated === undefined) return
    const end = this.#options.ends.of(repeated.intent.agentId)
    repeated.left -= 1
    if (end === undefined || (repeated.left <= 0 && repeated.intent.kind === 'revoke')) {
      // Gone: the handshake says it again, from the store.
      this.#open.delete(key)
      return
    }
    repeated.cancel = this.#later(key)
    end.tell(repeated.intent)
  }

  #drop(kind: Intent['kind'], lease: string, revision: number): void {
    const key = keyOf(kind, lease)
    const known = this.#open.get(key)
    if (known === undefined || known.intent.revision > revision) return
    known.cancel()
    this.#open.delete(key)
  }
}

function keyOf(kind: Intent['kind'], lease: string): string {
  return `${kind} ${lease}`
}
