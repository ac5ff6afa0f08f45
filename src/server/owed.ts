import type { Clock, Log } from '../protocol/index.ts'
import { isUnavailable } from './unavailable.ts'

const AGAIN_MS = 1000

/** Writes that nobody waits for: this owns them, says what went wrong, and lets the end of the server wait for all. */
export class Owed {
  readonly #clock: Clock
  readonly #log: Log
  readonly #open = new Set<Promise<void>>()
  /** Ends the pause of each that is to be asked again. */
  readonly #pauses = new Set<() => void>()
  #ending = false

  constructor({ clock, log }: { clock: Clock; log: Log }) {
    this.#clock = clock
    this.#log = log
  }

  add(what: string, promise: Promise<unknown>): void {
    const settled = promise.then(
      () => {},
      (error: unknown) => {
        if (!isUnavailable(error)) this.#log.warn({ error }, `${what} failed`)
      },
    )
    this.#open.add(settled)
    void settled.then(() => this.#open.delete(settled))
  }

  /** What must be written even if the disk is full just now: asked again until it is, or until the server ends. */
  insist(what: string, ask: () => Promise<unknown>): void {
    this.add(what, this.#untilTaken(ask))
  }

  /** Resolves once nothing is owed; what the store does not take now is given up. */
  async paid(): Promise<void> {
    this.#ending = true
    for (const end of this.#pauses) end()
    while (this.#open.size > 0) await Promise.all(this.#open)
  }

  async #untilTaken(ask: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await ask()
        return
      } catch (error) {
        if (this.#ending || !isUnavailable(error)) throw error
      }
      await this.#pause()
    }
  }

  async #pause(): Promise<void> {
    let end = () => {}
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(AGAIN_MS, resolve)
      end = () => {
        cancel()
        resolve()
      }
      this.#pauses.add(end)
    })
    this.#pauses.delete(end)
  }
}
