import type { RequestListener, ServerOptions } from 'node:http'
import { Server } from 'node:https'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { type Refusal, refuse } from './refuse.ts'

/** For the first byte, and again for the handshake. How many may be at it `Silent` bounds. */
const HANDSHAKE_MS = 10_000
/** The first byte of all that is TLS. */
const TLS = 0x16

const IN_THE_CLEAR: Refusal = {
  status: 400,
  code: 'bad_request',
  message: 'this port speaks TLS: ask with https:// or wss://',
}

/**
 * HTTP over TLS. Whoever speaks in the clear is told so; whoever takes his time costs little, and not for long. Given an
 * authority of clients, nobody gets further than the handshake without a certificate of theirs.
 */
export class SecureServer extends Server {
  /** Connections that are not through their handshake, by their other end. */
  readonly #early = new Map<string, Socket>()
  readonly #ms: number
  readonly #shake: (socket: Socket) => void

  constructor(http: ServerOptions, tls: SecureContextOptions, listener: RequestListener, ms = HANDSHAKE_MS) {
    const clients = tls.ca === undefined ? {} : { requestCert: true, rejectUnauthorized: true }
    super({ ...http, ...tls, ...clients, handshakeTimeout: ms }, listener)
    this.#ms = ms
    // TLS begins at once by itself; here only for those whose first byte is of it.
    const begin = this.listeners('connection')
    this.removeAllListeners('connection')
    this.#shake = (socket) => {
      for (const listen of begin) listen.call(this, socket)
    }
    this.on('connection', (socket: Socket) => this.#meet(socket))
    this.on('secureConnection', (socket) => this.#early.delete(otherEnd(socket)))
  }

  override closeAllConnections(): void {
    for (const socket of this.#early.values()) end(socket)
    super.closeAllConnections()
  }

  #meet(socket: Socket): void {
    const from = otherEnd(socket)
    this.#early.set(from, socket)
    socket.once('close', () => this.#early.delete(from))
    // It destroys itself; without a listener the error would end the process.
    socket.on('error', () => {})
    socket.setTimeout(this.#ms, () => socket.destroy())
    socket.once('data', (word: Buffer) => {
      socket.setTimeout(0)
      socket.pause()
      if (word[0] !== TLS) refuse(socket, IN_THE_CLEAR)
      else {
        socket.unshift(word)
        this.#shake(socket)
      }
    })
  }
}

/** In a turn of its own: Node 20 crashes when a socket and the TLS upon it are destroyed in one turn of its loop. */
function end(socket: Socket): void {
  setImmediate(() => socket.destroy())
}

function otherEnd({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
