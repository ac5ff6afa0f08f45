import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Clock } from '../../../protocol/index.ts'
import type { Caller } from '../../caller.ts'
import type { Connection, Connections } from '../../connections.ts'

interface StreamOptions {
  connections: Connections
  caller: Caller
  outgoing: ServerResponse
  clock: Clock
}

/**
 * An answer that is written as fast as its reader reads, and holds one piece of it at most. It counts as a connection: it
 * goes at its slot when the server drains, and at once with its credential or login. Cut short it is a broken transfer, never one
 * that looks whole.
 */
export class LogStream implements Connection {
  readonly caller: Caller
  readonly #options: StreamOptions
  readonly #controller = new AbortController()
  #cancelTimer: () => void = () => {}

  constructor(options: StreamOptions) {
    this.#options = options
    this.caller = options.caller
    const { outgoing, connections } = options
    if (outgoing.destroyed) {
      this.#controller.abort()
      return
    }
    connections.add(this)
    outgoing.once('close', () => {
      this.#cancelTimer()
      this.#controller.abort()
      connections.drop(this)
    })
  }

  /** Fires when nobody reads any more. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  bye(afterMs: number): void {
    this.#cancelTimer()
    this.#cancelTimer = this.#options.clock.after(afterMs, () => this.dismiss())
  }

  dismiss(): void {
    this.#controller.abort()
    const { outgoing } = this.#options
    // HTTP/1.0 has no other sign for an end that is none.
    if (outgoing.chunkedEncoding) outgoing.destroy()
    else outgoing.socket?.resetAndDestroy()
  }

  /** Writes one piece; resolves when the next may come, or nobody reads any more. */
  async write(text: string): Promise<void> {
    const { outgoing } = this.#options
    if (text === '' || this.signal.aborted) return
    if (outgoing.write(text)) return
    await once(outgoing, 'drain', { signal: this.signal }).catch(() => {})
  }

  /** The end of a whole answer. */
  end(trailers: Record<string, string>): void {
    const { outgoing } = this.#options
    if (this.signal.aborted) return
    outgoing.addTrailers(trailers)
    outgoing.end()
  }
}
