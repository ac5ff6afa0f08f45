import type { Clock } from './clock.ts'
import { CALLS } from './limits.ts'
import type { Port } from './port.ts'

const LOOK_MS = 50

/**
 * Keeps one slow reader from filling the server's memory: with too much unsent nothing more is read from it, and if that
 * does not help in time the connection is closed.
 */
export class Pressure {
  readonly #port: Port
  readonly #clock: Clock
  readonly #backlog: () => number
  readonly #onStuck: () => void
  #since: number | undefined
  #cancelLook: (() => void) | undefined

  constructor(port: Port, clock: Clock, backlog: () => number, onStuck: () => void) {
    this.#port = port
    this.#clock = clock
    this.#backlog = backlog
    this.#onStuck = onStuck
  }

  /** Call after each sending. */
  look(): void {
    if (this.#since !== undefined || this.#backlog() <= CALLS.unsentBytes) return
    this.#since = this.#clock.monotonic()
    this.#port.pause?.(true)
    this.#lookLater()
  }

  close(): void {
    this.#cancelLook?.()
    this.#cancelLook = undefined
  }

  #lookLater(): void {
    this.#cancelLook = this.#clock.after(LOOK_MS, () => this.#again())
  }

  #again(): void {
    this.#cancelLook = undefined
    if (this.#backlog() <= CALLS.unsentBytes / 2) {
      this.#since = undefined
      this.#port.pause?.(false)
    } else if (this.#clock.monotonic() - (this.#since ?? 0) >= CALLS.unsentMs) this.#onStuck()
    else this.#lookLater()
  }
}
