import { BusError, CLOSE } from '../protocol/index.ts'
import type { Connection, Connections } from './connections.ts'
import type { Ends } from './ends.ts'
import type { Change } from './store/change.ts'
import type { Credential } from './store/store.ts'

/** What a holder hears whose credential has ended. */
export const REVOKED = { code: CLOSE.revoked, reason: 'the credential was revoked' } as const
/** Its only token, or the last one. */
export const EXPIRED = { code: CLOSE.badCredential, reason: 'the credential has expired' } as const
/** Not for good: it may have the one that replaced it by now. */
const REPLACED = { code: CLOSE.loginExpired, reason: 'this token has ended; the credential has another' } as const

type Ended = typeof REVOKED | typeof EXPIRED | typeof REPLACED

/**
 * Credentials and tokens that end while this server runs. Sockets are closed as the commit is told; what the holder asks
 * while a revocation is under way waits for it, since it would be written after it.
 */
export class Revocations {
  readonly #connections: Connections
  readonly #ends: Ends
  readonly #revoked = new Set<string>()
  /** Of tokens: one that has ended is not good again, though its credential may be. */
  readonly #tokens = new Map<number, Ended>()
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

  /** Whoever is connected goes; whoever was let in before and comes only now goes too, by `howEnded`. */
  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === 'revoked') this.#applyRevoked(change)
      else if (change.kind === 'token') this.#applyToken(change)
    }
  }

  #applyRevoked({ credentialId, agents }: Change & { kind: 'revoked' }): void {
    this.#revoked.add(credentialId)
    this.#dismiss(({ caller }) => caller.credential.id === credentialId, agents, REVOKED)
  }

  #applyToken({ id, credentialId, last, agents }: Change & { kind: 'token' }): void {
    const how = last ? EXPIRED : REPLACED
    this.#tokens.set(id, how)
    this.#dismiss(
      ({ caller: { credential } }) => credential.token === id || (last && credential.id === credentialId),
      agents,
      how,
    )
  }

  #dismiss(whose: (connection: Connection) => boolean, agents: readonly string[], how: Ended): void {
    this.#connections.dismissWhere(whose, how)
    // Agents in this process have no socket.
    for (const agentId of agents) this.#ends.of(agentId)?.dismiss(how.code, how.reason)
  }

  /** Whether it has ended since it was looked up, and how. */
  howEnded({ id, token }: Credential): Ended | undefined {
    if (this.#revoked.has(id)) return REVOKED
    return token === null ? undefined : this.#tokens.get(token)
  }

  /** Whether `pass` has something to say on this credential. Cheap: asked for every call. */
  concerns(credential: Credential): boolean {
    return this.#deciding.has(credential.id) || this.howEnded(credential) !== undefined
  }

  /** Waits for what is being decided on it. Rejects with `forbidden` once it has ended. */
  async pass(credential: Credential): Promise<void> {
    await this.#deciding.get(credential.id)
    const ended = this.howEnded(credential)
    if (ended !== undefined) throw new BusError('forbidden', ended.reason, { retry: 'reauth' })
  }
}
