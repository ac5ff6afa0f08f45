import { once } from 'node:events'
import type { Socket } from 'node:net'
import { DialError } from './dial-error.ts'

/** One dial: what ends it early, and whom it waits for. */
export class Attempt {
  /** Of its own, so that who aborts later does not tear down what was opened. */
  readonly #giveUp = new AbortController()
  readonly #outer: AbortSignal | undefined
  readonly #withinMs: number
  /** As an error names it. */
  waitsFor: string

  constructor(waitsFor: string, withinMs: number, outer: AbortSignal | undefined) {
    this.waitsFor = waitsFor
    this.#withinMs = withinMs
    this.#outer = outer
  }

  get signal(): AbortSignal {
    return this.#giveUp.signal
  }

  /** Does the work of it; if that was given up, the error says so. After it nothing can end what was opened. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const giveUp = (): void => this.#giveUp.abort()
    const timer = setTimeout(giveUp, this.#withinMs)
    if (this.#outer?.aborted) giveUp()
    else this.#outer?.addEventListener('abort', giveUp, { once: true })
    try {
      this.signal.throwIfAborted()
      return await work()
    } catch (error) {
      if (!this.signal.aborted) throw error
      const how = this.#outer?.aborted ? 'given up' : `timed out after ${this.#withinMs / 1000} s`
      throw new DialError(`no answer from ${this.waitsFor}: ${how}`, { cause: error })
    } finally {
      clearTimeout(timer)
      this.#outer?.removeEventListener('abort', giveUp)
    }
  }

  /** Waits until a socket is open. If it fails or the dial is given up, nothing is left of it. */
  async opened<S extends Socket>(socket: S, event: 'connect' | 'secureConnect'): Promise<S> {
    // A second error after the first would otherwise end the process.
    socket.on('error', () => {})
    try {
      await once(socket, event, { signal: this.signal })
      return socket
    } catch (error) {
      socket.destroy()
      throw error
    }
  }
}
