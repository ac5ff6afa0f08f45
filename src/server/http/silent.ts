import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { DOOR } from '../../protocol/index.ts'
import { plainAddress, type Trusted } from './trusted.ts'

interface SilentOptions {
  readonly trusted: Trusted
  /** One was given up for a newer one. */
  readonly onDrop: () => void
}

/**
 * Sockets from which no request has come, or none since the last was answered. Too many of them, and the one that has been
 * silent longest goes: who has something to say says it at once, and is never that one. How long a request may take is told
 * in `listen`.
 */
export class Silent {
  readonly #options: SilentOptions
  /** Longest silent first. By both addresses, since TLS wraps a socket in another. */
  readonly #sockets = new Map<string, Socket>()
  readonly #peers = new Map<string, Set<string>>()

  constructor(options: SilentOptions) {
    this.#options = options
  }

  /** Watches all that come to a server. */
  of(server: Server): void {
    server.on('connection', (socket: Socket) => {
      const name = nameOf(socket)
      this.waits(socket)
      socket.once('close', () => this.#forget(name))
    })
  }

  /** It has nothing asked, or its answer. */
  waits(socket: Socket): void {
    const { remoteAddress: peer = '' } = socket
    const name = nameOf(socket)
    if (socket.destroyed) return
    this.#forget(name)
    this.#sockets.set(name, socket)
    const same = this.#peers.get(peer) ?? new Set()
    this.#peers.set(peer, same.add(name))
    const full = same.size > DOOR.silent && !this.#options.trusted.has(plainAddress(peer) ?? '')
    if (full) this.#drop(same)
    else if (this.#sockets.size > DOOR.silentAll) this.#drop(this.#sockets.keys())
  }

  /** A request has come on it. */
  speaks(socket: Socket): void {
    this.#forget(nameOf(socket))
  }

  #drop(names: Iterable<string>): void {
    for (const name of names) {
      const socket = this.#sockets.get(name)
      this.#forget(name)
      this.#options.onDrop()
      socket?.destroy()
      return
    }
  }

  #forget(name: string): void {
    if (!this.#sockets.delete(name)) return
    const peer = name.slice(0, name.lastIndexOf(' '))
    const same = this.#peers.get(peer)
    same?.delete(name)
    if (same?.size === 0) this.#peers.delete(peer)
  }
}

function nameOf({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
