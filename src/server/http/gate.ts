import type { Clock } from '../../protocol/index.ts'
import type { Credential, SessionStore } from '../store/store.ts'
import { tokenHash } from '../tokens.ts'
import { within } from '../within.ts'
import { Limiter } from './limiter.ts'
import { type Refusal, UNAVAILABLE, UNKNOWN } from './refuse.ts'

/** A look-up that takes longer than this is a store that does not answer. */
const LOOKUP_MS = 10_000
/** Look-ups at a time, for both doors: more than any fleet needs, less than memory holds. */
const PENDING = 2_000

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
  #pending = 0

  constructor(options: GateOptions) {
    this.#options = options
    this.#limiter = new Limiter(options.clock)
  }

  /** Why nobody is let in right now; costs nothing. */
  shut(): Refusal | undefined {
    const closed = this.#options.closed()
    if (closed !== undefined) return { ...UNAVAILABLE, ...closed }
    return this.#pending >= PENDING ? UNAVAILABLE : undefined
  }

  /** Looks the bearer's token up. Rejects when the store does not answer. */
  async admit(authorization: string | undefined, address: string): Promise<Admission> {
    const token = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(authorization ?? '')?.[1]
    // A missing one is looked up like a wrong one, so that both take the same way and time.
    const credential = await this.#find(token ?? '')
    // The server may be going by now.
    const shut = this.shut()
    if (shut !== undefined) return { refusal: shut }
    if (credential !== null) return { credential }
    const wait = this.#limiter.failed(address)
    return { refusal: wait === undefined ? UNKNOWN : { ...TOO_MANY, retryAfterS: wait } }
  }

  async #find(token: string): Promise<Credential | null> {
    const { clock, store } = this.#options
    this.#pending += 1
    try {
      return await within(clock, LOOKUP_MS, store.findCredential(tokenHash(token)))
    } finally {
      this.#pending -= 1
    }
  }
}

const TOO_MANY: Refusal = { status: 429, code: 'rate_limited', message: 'too many wrong credentials' }
