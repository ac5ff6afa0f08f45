import { BusError, CLOSE } from '../protocol/index.ts'
import type { Connections } from './connections.ts'
import type { Ends } from './ends.ts'
import type { Change } from './store/change.ts'

/** What a holder hears whose credential has ended. */
export const REVOKED = { code: CLOSE.revoked, reason: 'the credential was revoked' } as const

/**
 * Credentials that end while this server runs. Sockets are closed as the commit is told; what the holder asks while the
 * commit is under way waits for it, since it would be written after it.
 */
export class Revocations {
  readonly #connections: Connections
  readonly #ends: Ends
  readonly #ended = new Set<string>()
  readonly #deciding = new Map<string, Promise<unknown>>()

  constructor(connections: Connections, ends: Ends) {
    this.#connections = connections
    this.#ends = ends
  }

  /** Ends one. `write` is called at once, and from now on nothing overtakes it. */
  async end(id: string, write: () => Promise<void>): Promise<void> {
    const written = write()
    const decided = Promise.allSettled([written, this.#deciding.get(id)])
    this.#deciding.set(id, decided)
    try {
      await written
    } finally {
      if (this.#deciding.get(id) === decided) this.#deciding.delete(id)
    }
  }

  /** Whoever is connected goes; whoever was let in before and comes only now goes too, by `isEnded`. */
  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind !== 'revoked') continue
      this.#ended.add(change.credentialId)
      this.#connections.dismissCredential(change.credentialId, REVOKED.code, REVOKED.reason)
      // Agents in this process have no socket.
      for (const agentId of change.agents) this.#ends.of(agentId)?.dismiss(REVOKED.code, REVOKED.reason)
    }
  }

  isEnded(id: string): boolean {
    return this.#ended.has(id)
  }

  /** Whether `pass` has something to say on this credential. Cheap: asked for every call. */
  concerns(id: string): boolean {
    return this.#deciding.has(id) || this.#ended.has(id)
  }

  /** Waits for what is being decided on it. Rejects with `forbidden` once it has ended. */
  async pass(id: string): Promise<void> {
    await this.#deciding.get(id)
    if (this.#ended.has(id)) throw new BusError('forbidden', REVOKED.reason, { retry: 'reauth' })
  }
}
