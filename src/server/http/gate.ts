import { CALLS, type Clock, DOOR } from '../../protocol/index.ts'
import type { Credential, SessionStore } from '../store/store.ts'
import { tokenHash } from '../tokens.ts'
import { within } from '../within.ts'
import { Late } from './late.ts'
import { Limiter } from './limiter.ts'
import { networkOf } from './network-of.ts'
import { Quota } from './quota.ts'
import { MISSING, type Refusal, UNAVAILABLE, UNKNOWN } from './refuse.ts'

/** A look-up that takes longer than this is a store that does not answer. */
const LOOKUP_MS = 10_000
/** Requests that one credential may have under way by HTTP, as many as on a connection of the bus; a follower is one. */
const ASKING = CALLS.inFlight

interface GateOptions {
  store: Pick<SessionStore, 'findCredential'>
  clock: Clock
  /** Why nobody is let in right now, if so, and when to come again if that is known. */
  closed: () => Pick<Refusal, 'message' | 'retryAfterS'> | undefined
}

/** Who knocks: a credential, or the words of the refusal. */
export type Admission = { credential: Credential } | { refusal: Refusal }

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

  /** Looks the bearer's token up. Rejects when the store does not answer. */
  async admit(authorization: string | undefined, address: string): Promise<Admission> {
    const network = networkOf(address)
    const full = this.#pending.full(network)
    if (full !== undefined) return { refusal: { ...UNAVAILABLE, reason: full === 'each' ? 'address' : 'capacity' } }
    const token = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorization ?? '')?.[1]
    // A missing one is looked up like a wrong one, so that both take the same way and time.
    const credential = await this.#find(token ?? '', network)
    // The server may be going by now.
    const shut = this.shut()
    if (shut !== undefined) return { refusal: shut }
    if (credential !== null) return { credential }
    const wait = this.#limiter.failed(network)
    if (wait === undefined) return { refusal: token === undefined ? MISSING : UNKNOWN }
    await this.#late.pass(network)
    return { refusal: { ...TOO_MANY, retryAfterS: wait } }
  }

  async #find(token: string, network: string): Promise<Credential | null> {
    const { clock, store } = this.#options
    const release = this.#pending.take(network)
    try {
      return await within(clock, LOOKUP_MS, store.findCredential(tokenHash(token)))
    } finally {
      release()
    }
  }
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
