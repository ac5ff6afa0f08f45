import type { Socket } from 'node:net'
import { HeadSearch } from './leaks.ts'

/** What a direction of a network does to the bytes that pass. */
export interface Weather {
  /** Each read waits so long, in ms. */
  delayMs: number
  /** Of all connections together; 0 is no limit. */
  bytesPerSecond: number
  /** Written in pieces of at most so many bytes; 0 leaves them whole. */
  pieceBytes: number
}

const FAIR: Weather = { delayMs: 0, bytesPerSecond: 0, pieceBytes: 0 }
/** Under a limit, so that a change of it is felt soon. */
const SLICE_BYTES = 4096

/** One direction of a network: everything that goes this way passes the same weather, each connection in order. */
export class Conduit {
  #weather = FAIR
  #free = 0
  #passed = 0
  #held: { gone: Promise<void>; release: () => void } | undefined

  /** Bytes that have come out at the other end, of all connections together. */
  get passed(): number {
    return this.#passed
  }

  set weather(weather: Partial<Weather>) {
    this.#weather = { ...FAIR, ...weather }
  }

  /** Nothing passes and nobody is told, as when a cable is pulled: what was sent arrives once it is plugged in. */
  hold(): void {
    if (this.#held !== undefined) return
    let release = () => {}
    const gone = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#held = { gone, release }
  }

  release(): void {
    this.#held?.release()
    this.#held = undefined
  }

  /** Carries bytes until either end is gone. Never rejects. */
  async carry(from: Socket, to: Socket): Promise<void> {
    const head = new HeadSearch('the head of what passed a network')
    try {
      for await (const bytes of from as AsyncIterable<Buffer>) {
        head.read(bytes)
        await this.#pass(bytes, to)
      }
      to.end()
    } catch {
      to.destroy()
    }
  }

  async #pass(bytes: Buffer, to: Socket): Promise<void> {
    const { delayMs, pieceBytes } = this.#weather
    if (delayMs > 0) await passed(delayMs)
    const size = pieceBytes || (this.#weather.bytesPerSecond > 0 ? SLICE_BYTES : bytes.length)
    for (let at = 0; at < bytes.length; at += size) {
      const piece = bytes.subarray(at, at + size)
      await this.#turn(piece.length)
      while (this.#held !== undefined) await this.#held.gone
      this.#passed += piece.length
      if (!to.write(piece)) await drained(to)
    }
  }

  async #turn(bytes: number): Promise<void> {
    const { bytesPerSecond } = this.#weather
    if (bytesPerSecond === 0) return
    const now = performance.now()
    this.#free = Math.max(now, this.#free) + (bytes / bytesPerSecond) * 1000
    await passed(this.#free - now)
  }
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Rejects if the socket goes first. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('gone'))
    if (socket.destroyed) return gone()
    socket.once('close', gone)
    socket.once('drain', () => {
      socket.removeListener('close', gone)
      resolve()
    })
  })
}
