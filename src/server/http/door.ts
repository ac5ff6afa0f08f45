import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Clock, type Log, MESSAGE, SUBPROTOCOL } from '../../protocol/index.ts'
import { acceptor, type SocketPort } from '../../socket/index.ts'
import type { Caller } from '../caller.ts'
import type { Metrics } from '../metrics/index.ts'
import type { Gate } from './gate.ts'
import { MARK } from './headers.ts'
import { Line } from './line.ts'
import type { Pages } from './login/pages.ts'
import { networkOf } from './network-of.ts'
import { type Refusal, reasonOf, refuse, UNAVAILABLE } from './refuse.ts'
import { isRefusal, type Place, Room, type RoomLimits } from './room.ts'
import type { Trusted } from './trusted.ts'
import { refusalPast, type Whence, whenceOf } from './whence.ts'

interface DoorOptions {
  gate: Gate
  pages: Pages
  trusted: Trusted
  clock: Clock
  metrics: Metrics
  log: Log
  limits: RoomLimits
  /** `greets` wants to know when it has said hello, or never will. */
  enter: (port: SocketPort, caller: Caller, greets: () => void) => void
}

/** Decides on every upgrade before it is one. */
export class Door {
  readonly #options: DoorOptions
  readonly #machines = acceptor(MARK)
  readonly #pages = acceptor(MARK, MESSAGE.browserBytes)
  readonly #line: Line
  readonly #room: Room

  constructor(options: DoorOptions) {
    this.#options = options
    this.#line = new Line(options.clock)
    this.#room = new Room(options.limits)
  }

  /** Whoever waits before it is refused now. Say to the gate first that it is closed. */
  shut(): void {
    this.#line.dissolve()
    this.#options.gate.dissolve()
  }

  /** The listener for `upgrade`. Never throws; owns the socket from here on. */
  readonly knock = (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // First of all: without a listener one reset during the look-up would end the process.
    socket.on('error', () => socket.destroy())
    const whence = whenceOf(req, this.#options.trusted)
    const refusal = this.#atFirstSight(req) ?? refusalPast(this.#options.trusted, whence)
    if (refusal !== undefined) {
      this.#refuse(socket, refusal)
      return
    }
    this.#admit(req, socket, head, whence).catch((error: unknown) => {
      this.#options.log.warn({ error }, 'an upgrade failed')
      this.#refuse(socket, UNAVAILABLE)
    })
  }

  #refuse(socket: Duplex, refusal: Refusal): void {
    this.#options.metrics.bus.refused(reasonOf(refusal))
    refuse(socket, refusal)
  }

  #atFirstSight(req: IncomingMessage): Refusal | undefined {
    if (req.url !== '/bus') return { status: 404, code: 'not_found', message: 'the bus is at /bus' }
    const shut = this.#options.gate.shut()
    if (shut !== undefined) return shut
    const offered = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    if (!offered.includes(SUBPROTOCOL)) {
      return { status: 400, code: 'bad_request', message: `the subprotocol must be ${SUBPROTOCOL}` }
    }
    return undefined
  }

  async #admit(req: IncomingMessage, socket: Duplex, head: Buffer, whence: Whence): Promise<void> {
    const { gate, pages } = this.#options
    const network = networkOf(whence.address)
    if (!this.#placed(socket, this.#room.forAddress(network))) return
    const admission = await gate.admit(pages.upgrade(req, whence), req, whence.address)
    // The other side may have gone meanwhile.
    if (socket.destroyed) return
    if ('refusal' in admission) {
      this.#refuse(socket, admission.refusal)
      return
    }
    const { found: caller } = admission
    const { credential } = caller
    if (!this.#placed(socket, this.#room.forHolder(credential))) return
    // Strangers are not let into the line: they cannot make it long.
    const comeAgainS = await this.#line.turn(`${credential.id} ${network}`)
    if (socket.destroyed) return
    const shut =
      comeAgainS === undefined ? gate.shut() : { ...UNAVAILABLE, retryAfterS: comeAgainS, reason: 'line' as const }
    if (shut !== undefined) this.#refuse(socket, shut)
    else await this.#open(req, socket, head, caller)
  }

  async #open(req: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller): Promise<void> {
    const unheard = this.#room.forUnheard(caller.credential)
    if (isRefusal(unheard)) {
      this.#refuse(socket, unheard)
      return
    }
    socket.once('close', unheard)
    let port: SocketPort
    try {
      port = await (caller.login === null ? this.#machines : this.#pages).accept(req, socket, head)
    } catch (error) {
      const message = error instanceof Error ? error.message : 'bad upgrade'
      this.#refuse(socket, { status: 400, code: 'bad_request', message })
      return
    }
    this.#options.enter(port, caller, unheard)
  }

  /** Keeps the place for as long as the socket is open; without one it is refused. */
  #placed(socket: Duplex, place: Place): boolean {
    if (isRefusal(place)) this.#refuse(socket, place)
    else if (socket.destroyed) place()
    else socket.once('close', place)
    return !isRefusal(place)
  }
}
