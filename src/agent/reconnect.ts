import { type Clock, closeAction, RECONNECT, reconnectDelay, slowDelay } from '../protocol/index.ts'

/** So many protocol closes within so long, and retrying quickly would only repeat them. */
const SUSPECTS = 3
const SUSPECT_MS = 10 * 60_000

/** How a connection, or the attempt to have one, ended. */
export interface Ending {
  /** A close code; 1006 when nobody said one. */
  code: number
  /** How long it had been ready; 0 if it never was. */
  heldMs: number
  /** When this client's own slot is (by the monotonic clock), if the server named one. */
  slot?: number | undefined
}

export type Plan = { stop: true } | { stop: false; afterMs: number; slow: boolean }

/** Decides what to do after an ending: stop, or how long to wait. */
export class Reconnect {
  readonly #clock: Clock
  readonly #random: () => number
  #attempt = 0
  #suspects: number[] = []

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  after({ code, heldMs, slot }: Ending): Plan {
    const action = closeAction(code)
    if (action === 'stop') return { stop: true }
    if (heldMs >= RECONNECT.stableMs) this.#attempt = 0
    this.#attempt++
    if (action === 'slow' || (action === 'suspect' && this.#isUsual())) {
      return { stop: false, afterMs: slowDelay(this.#random()), slow: true }
    }
    return { stop: false, afterMs: this.#soon(slot), slow: false }
  }

  #soon(slot: number | undefined): number {
    if (slot !== undefined) return Math.max(0, slot - this.#clock.monotonic())
    return reconnectDelay(this.#attempt, this.#random())
  }

  #isUsual(): boolean {
    const now = this.#clock.monotonic()
    this.#suspects = [...this.#suspects.filter((at) => now - at < SUSPECT_MS), now]
    return this.#suspects.length >= SUSPECTS
  }
}
