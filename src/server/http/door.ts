import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Clock, type Log, SUBPROTOCOL } from '../../protocol/index.ts'
import { acceptor, type SocketPort } from '../../socket/index.ts'
import type { Credential, SessionStore } from '../store/store.ts'
import { tokenHash } from '../tokens.ts'
import { within } from '../within.ts'
import { Limiter } from './limiter.ts'
import { MARK, type Refusal, refuse } from './refuse.ts'

/** A look-up that takes longer than this is a store that does not answer. */
const LOOKUP_MS = 10_000
/** Upgrades being looked at, all told: more than any fleet needs, less than memory holds. */
const PENDING = 2_000

interface DoorOptions {
  store: Pick<SessionStore, 'findCredential'>
  clock: Clock
  log: Log
  /** Why nobody is let in right now, if so. */
  closed: () => string | undefined
  enter: (port: SocketPort, credential: Credential) => void
}

/** Decides on every upgrade before it is one. The same few words for an unknown and for a wrong credential. */
export class Door {
  readonly #options: DoorOptions
  readonly #limiter: Limiter
  readonly #acceptor = acceptor(MARK)
  #pending = 0

  constructor(options: DoorOptions) {
    this.#options = options
    this.#limiter = new Limiter(options.clock)
  }

  /** The listener for `upgrade`. Never throws; owns the socket from here on. */
  readonly knock = (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // First of all: without a listener one reset during the look-up would end the process.
    socket.on('error', () => socket.destroy())
    const refusal = this.#atFirstSight(req)
    if (refusal !== undefined) {
      refuse(socket, refusal)
      return
    }
    this.#pending += 1
    this.#admit(req, socket, head)
      .catch((error: unknown) => {
        this.#options.log.warn({ error }, 'an upgrade failed')
        refuse(socket, UNAVAILABLE)
      })
      .finally(() => {
        this.#pending -= 1
      })
  }

  #atFirstSight(req: IncomingMessage): Refusal | undefined {
    if (req.url !== '/bus') return { status: 404, code: 'not_found', message: 'the bus is at /bus' }
    if (this.#pending >= PENDING) return UNAVAILABLE
    const closed = this.#options.closed()
    if (closed !== undefined) return { ...UNAVAILABLE, message: closed }
    if (req.headers.origin !== undefined) {
      return { status: 403, code: 'forbidden', message: 'a machine sends no Origin' }
    }
    const offered = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    if (!offered.includes(SUBPROTOCOL)) {
      return { status: 400, code: 'bad_request', message: `the subprotocol must be ${SUBPROTOCOL}` }
    }
    return undefined
  }

  async #admit(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const credential = await this.#identify(req)
    // The other side may have gone while the store looked.
    if (socket.destroyed) return
    if (credential === null) {
      const wait = this.#limiter.failed(req.socket.remoteAddress ?? '')
      refuse(socket, wait === undefined ? UNKNOWN : { ...TOO_MANY, retryAfterS: wait })
      return
    }
    const closed = this.#options.closed()
    if (closed !== undefined) {
      refuse(socket, { ...UNAVAILABLE, message: closed })
      return
    }
    let port: SocketPort
    try {
      port = await this.#acceptor.accept(req, socket, head)
    } catch (error) {
      refuse(socket, {
        status: 400,
        code: 'bad_request',
        message: error instanceof Error ? error.message : 'bad upgrade',
      })
      return
    }
    this.#options.enter(port, credential)
  }

  #identify(req: IncomingMessage): Promise<Credential | null> {
    const token = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(req.headers.authorization ?? '')?.[1]
    // A missing one is looked up like a wrong one, so that both take the same way and time.
    return within(this.#options.clock, LOOKUP_MS, this.#options.store.findCredential(tokenHash(token ?? '')))
  }
}

const UNAVAILABLE: Refusal = { status: 503, code: 'unavailable', message: 'not now', retryAfterS: 5 }
const UNKNOWN: Refusal = { status: 401, code: 'forbidden', message: 'the credential is not known' }
const TOO_MANY: Refusal = { status: 429, code: 'rate_limited', message: 'too many wrong credentials' }
