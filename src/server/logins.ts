import { BusError, CLOSE, CloseError } from '../protocol/index.ts'
import type { Connections } from './connections.ts'
import { type Actor, ITSELF } from './store/audit.ts'
import type { Change } from './store/change.ts'
import type { Store } from './store/store.ts'
import { newToken, tokenHash } from './tokens.ts'

const ENDED = { code: CLOSE.loginExpired, reason: 'the login has ended' } as const

/** Logins of pages while this server runs: their codes, their tickets, and what is connected by them. */
export class Logins {
  readonly #store: Store
  readonly #connections: Connections

  constructor(store: Store, connections: Connections) {
    this.#store = store
    this.#connections = connections
  }

  /** A code for one login in the name of this credential. It is told this once. */
  async code(credentialId: string, who: Actor): Promise<{ code: string; expires: number }> {
    const code = newToken('drs')
    const { expires } = await this.#store.as(who).issueCode(credentialId, tokenHash(code))
    return { code, expires }
  }

  /** Where a page is that logs itself in as the admin. */
  async adminLink(url: string): Promise<string> {
    const admin = await this.#store.namedCredential('admin', 'admin')
    if (admin === null) throw new BusError('not_found', 'there is no admin')
    const { code } = await this.code(admin.id, ITSELF)
    return `${url}/#code=${code}`
  }

  async ticket(login: string): Promise<string> {
    const ticket = newToken('drs')
    await this.#store.issueTicket(login, tokenHash(ticket))
    return ticket
  }

  /** Uses up the ticket that a page shows. Rejects with `CloseError` for one that is no good, as for none. */
  async enter(login: string, ticket: string | undefined): Promise<void> {
    if (ticket !== undefined && (await this.#store.takeTicket(login, tokenHash(ticket)))) return
    throw new CloseError(CLOSE.loginExpired, 'the ticket is no good; get another')
  }

  /** Whoever is connected by a login that has ended goes with it. */
  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === 'login') this.#connections.dismissWhere(({ caller }) => caller.login?.id === change.id, ENDED)
    }
  }
}
