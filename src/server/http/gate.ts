import type { IncomingMessage } from 'node:http'
import { CALLS, type Clock, DOOR } from '../../protocol/index.ts'
import type { Refusals } from '../audit/index.ts'
import type { Caller } from '../caller.ts'
import type { Credential, CredentialStore } from '../store/credential.ts'
import type { Login, LoginAsk, LoginStore } from '../store/login-store.ts'
import { tokenHash } from '../tokens.ts'
import { within } from '../within.ts'
import { Late } from './late.ts'
import { Limiter } from './limiter.ts'
import type { Sight } from './login/pages.ts'
import { networkOf } from './network-of.ts'
import { Quota } from './quota.ts'
import { MISSING, type Refusal, UNAVAILABLE, UNKNOWN } from './refuse.ts'

/** A look-up that takes longer than this is a store that does not answer. */
const LOOKUP_MS = 10_000
/** Requests that one credential may have under way by HTTP, as many as on a connection of the bus; a follower is one. */
const ASKING = CALLS.inFlight

interface GateOptions {
  store: Pick<CredentialStore, 'findCredential' | 'endedCredential'> & Pick<LoginStore, 'findLogin' | 'logIn'>
  refusals: Refusals
  clock: Clock
  /** Why nobody is let in right now, if so, and when to come again if that is known. */
  closed: () => Pick<Refusal, 'message' | 'retryAfterS'> | undefined
}

/** Whoever knocks is known, or gets the words of the refusal. */
type Admission<T> = { found: T } | { refusal: Refusal }

/** Knows credentials, for upgrades and requests alike. The same few words for a missing, unknown and revoked one. */
export class Gate {
  readonly #options: GateOptions
  readonly #limiter: Limiter
  readonly #late: Late
  readonly #pending = new Quota(DOOR.lookups, DOOR.lookupsAll)
  readonly #asking = new Quota(ASKING)

  constructor(options: GateOptions) {
    this.#options = options
    this.#limiter = new Limiter(options.clock)
    this.#late = new Late(options.clock)
  }

  /** Why nobody is let in right now; costs nothing. */
  shut(): Refusal | undefined {
    const closed = this.#options.closed()
    return closed === undefined ? undefined : { ...UNAVAILABLE, ...closed }
  }

  /** Nobody is kept waiting any more. */
  dissolve(): void {
    this.#late.dissolve()
  }

  /** A place for one request by HTTP, to be given back; or the refusal. */
  ask({ id }: Credential): (() => void) | Refusal {
    return this.#asking.full(id) === undefined ? this.#asking.take(id) : TOO_MANY_ASKED
  }

  /** Looks the bearer's token up, or the page's cookie. Rejects when the store does not answer. */
  async admit(sight: Sight, req: IncomingMessage, address: string): Promise<Admission<Caller>> {
    if ('refusal' in sight) return sight
    const { store } = this.#options
    // A missing one is looked up like a wrong one, so that both take the same way and time.
    if (sight.page) {
      const { cookie } = sight
      return this.#known(address, cookie === undefined ? MISSING : UNKNOWN, async () => {
        const login = await store.findLogin(tokenHash(cookie ?? ''))
        return login && { credential: login.credential, login, address }
      })
    }
    const token = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorizationOf(req))?.[1]
    return this.#known(address, token === undefined ? MISSING : UNKNOWN, async () => {
      const credential = await store.findCredential(tokenHash(token ?? ''))
      if (credential === null) await this.#noteEnded(tokenHash(token ?? ''), address)
      return credential && { credential, login: null, address }
    })
  }

  /** Exchanges a token or a code for a login. */
  logIn(ask: LoginAsk, address: string): Promise<Admission<Login>> {
    return this.#known(address, UNKNOWN, () => this.#options.store.logIn(ask))
  }

  async #known<T>(address: string, unknown: Refusal, find: () => Promise<T | null>): Promise<Admission<T>> {
    const network = networkOf(address)
    const full = this.#pending.full(network)
    if (full !== undefined) return { refusal: { ...UNAVAILABLE, reason: full === 'each' ? 'address' : 'capacity' } }
    const found = await this.#find(find, network)
    // The server may be going by now.
    const shut = this.shut()
    if (shut !== undefined) return { refusal: shut }
    if (found !== null) return { found }
    const wait = this.#limiter.failed(network)
    if (wait === undefined) return { refusal: unknown }
    await this.#late.pass(network)
    return { refusal: { ...TOO_MANY, retryAfterS: wait } }
  }

  /** Somebody has a token that was taken from them, or a copy of it. */
  async #noteEnded(hash: string, address: string): Promise<void> {
    const { store, refusals } = this.#options
    const ended = await store.endedCredential(hash)
    if (ended === null) return
    const { how, ...who } = ended
    refusals.note({ ...who, address }, { action: 'connect', subjects: [], outcome: how })
  }

  async #find<T>(find: () => Promise<T>, network: string): Promise<T> {
    const release = this.#pending.take(network)
    try {
      return await within(this.#options.clock, LOOKUP_MS, find())
    } finally {
      release()
    }
  }
}

/** Node shows the first of several; here they make one that is wrong. */
function authorizationOf({ rawHeaders }: IncomingMessage): string {
  return rawHeaders.filter((_, at) => at % 2 === 1 && /^authorization$/i.test(rawHeaders[at - 1] ?? '')).join(', ')
}

const TOO_MANY: Refusal = {
  status: 429,
  code: 'rate_limited',
  message: 'too many wrong credentials',
  reason: 'guesses',
}

const TOO_MANY_ASKED: Refusal = {
  status: 429,
  code: 'rate_limited',
  message: `${ASKING} requests of this credential are under way`,
  retryAfterS: 1,
  reason: 'holder',
}
