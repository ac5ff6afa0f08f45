import type { Clock } from '../protocol/index.ts'
import { LIVENESS } from '../protocol/index.ts'
import { Progress } from './progress.ts'
import type { SocketPort } from './socket-port.ts'

export interface WatchOptions {
  /** Ping this often, the first time after a random part of the second half of it. Missing: never. */
  pingMs?: number
  /** Dead after this long without a received byte; noticed up to an eighth earlier, never later. */
  deadMs: number
  /** Called once: nothing came for that long, or of one message next to nothing. */
  onDead(why: Dead): void
}

/** `silent`: not a byte. `stuck`: a message that was begun comes too slowly to be waited for. */
export type Dead = 'silent' | 'stuck'

/** Watches a socket by the bytes it receives. The answer ends the watch; it owns all its timers. */
export function watch(port: SocketPort, clock: Clock, options: WatchOptions): () => void {
  const bytes = new ByteWatch(port, clock, options)
  const stopPings = options.pingMs === undefined ? () => {} : pings(port, clock, options.pingMs)
  return () => {
    bytes.stop()
    stopPings()
  }
}

class ByteWatch {
  readonly #port: SocketPort
  readonly #clock: Clock
  readonly #options: WatchOptions
  readonly #stepMs: number
  readonly #progress: Progress
  #bytes: number
  #lastSeen: number
  #lastLook: number
  #cancel: () => void

  constructor(port: SocketPort, clock: Clock, options: WatchOptions) {
    this.#port = port
    this.#clock = clock
    this.#options = options
    this.#stepMs = options.deadMs / 8
    this.#progress = new Progress(port)
    this.#bytes = port.bytesRead()
    this.#lastSeen = clock.monotonic()
    this.#lastLook = this.#lastSeen
    this.#cancel = this.#later()
  }

  stop(): void {
    this.#cancel()
  }

  #later(): () => void {
    return this.#clock.after(this.#stepMs, () => this.#look())
  }

  #look(): void {
    const now = this.#clock.monotonic()
    const bytes = this.#port.bytesRead()
    // After a stall of our own loop the bytes may still wait in the kernel: begin anew before judging.
    const stalled = now - this.#lastLook - this.#stepMs > LIVENESS.stallMs
    if (stalled) this.#lastSeen = now
    else if (bytes !== this.#bytes) this.#lastSeen = this.#lastLook
    this.#bytes = bytes
    this.#lastLook = now
    if (now - this.#lastSeen >= this.#options.deadMs) this.#options.onDead('silent')
    else if (this.#progress.isStuck(now, stalled)) this.#options.onDead('stuck')
    else this.#cancel = this.#later()
  }
}

/** Pings at an even pace from a random start, so that thousands of sockets do not ping together. */
function pings(port: SocketPort, clock: Clock, everyMs: number): () => void {
  const ping = (): void => {
    port.ping()
    cancel = clock.after(everyMs, ping)
  }
  let cancel = clock.after(everyMs * (0.5 + Math.random() / 2), ping)
  return () => cancel()
}
