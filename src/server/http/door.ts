import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Clock, type Log, SUBPROTOCOL } from '../../protocol/index.ts'
import { acceptor, type SocketPort } from '../../socket/index.ts'
import type { Metrics } from '../metrics/index.ts'
import type { Credential } from '../store/store.ts'
import type { Gate } from './gate.ts'
import { Line } from './line.ts'
import { MARK, type Refusal, refuse, UNAVAILABLE } from './refuse.ts'
import type { Trusted } from './trusted.ts'
import { whenceOf } from './whence.ts'

interface DoorOptions {
  gate: Gate
  trusted: Trusted
  clock: Clock
  metrics: Metrics
  log: Log
  enter: (port: SocketPort, credential: Credential) => void
}

/** Decides on every upgrade before it is one. */
export class Door {
  readonly #options: DoorOptions
  readonly #acceptor = acceptor(MARK)
  readonly #line: Line

  constructor(options: DoorOptions) {
    this.#options = options
    this.#line = new Line(options.clock)
  }

  /** Whoever waits before it is refused now. Say to the gate first that it is closed. */
  shut(): void {
    this.#line.dissolve()
  }

  /** The listener for `upgrade`. Never throws; owns the socket from here on. */
  readonly knock = (req: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // First of all: without a listener one reset during the look-up would end the process.
    socket.on('error', () => socket.destroy())
    const refusal = this.#atFirstSight(req)
    if (refusal !== undefined) {
      this.#refuse(socket, refusal)
      return
    }
    this.#admit(req, socket, head).catch((error: unknown) => {
      this.#options.log.warn({ error }, 'an upgrade failed')
      this.#refuse(socket, UNAVAILABLE)
    })
  }

  #refuse(socket: Duplex, refusal: Refusal): void {
    this.#options.metrics.bus.refused(refusal.status)
    refuse(socket, refusal)
  }

  #atFirstSight(req: IncomingMessage): Refusal | undefined {
    if (req.url !== '/bus') return { status: 404, code: 'not_found', message: 'the bus is at /bus' }
    const shut = this.#options.gate.shut() ?? this.#crowd()
    if (shut !== undefined) return shut
    if (req.headers.origin !== undefined) {
      return { status: 403, code: 'forbidden', message: 'a machine sends no Origin' }
    }
    const offered = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    if (!offered.includes(SUBPROTOCOL)) {
      return { status: 400, code: 'bad_request', message: `the subprotocol must be ${SUBPROTOCOL}` }
    }
    return undefined
  }

  #crowd(): Refusal | undefined {
    const seconds = this.#line.fullForS
    return seconds === undefined ? undefined : { ...UNAVAILABLE, retryAfterS: seconds }
  }

  async #admit(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { gate, enter, trusted } = this.#options
    const admission = await gate.admit(req.headers.authorization, whenceOf(req, trusted).address)
    // Strangers are not let into the line: they cannot make it long.
    if ('credential' in admission) await this.#line.turn()
    // The other side may have gone meanwhile, and the server may be going.
    if (socket.destroyed) return
    const shut = gate.shut()
    if ('refusal' in admission || shut !== undefined) {
      this.#refuse(socket, 'refusal' in admission ? admission.refusal : (shut ?? UNAVAILABLE))
      return
    }
    let port: SocketPort
    try {
      port = await this.#acceptor.accept(req, socket, head)
    } catch (error) {
      this.#refuse(socket, {
        status: 400,
        code: 'bad_request',
        message: error instanceof Error ? error.message : 'bad upgrade',
      })
      return
    }
    enter(port, admission.credential)
  }
}
