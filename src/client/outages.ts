import type { LinkWatch } from './link-watch.ts'
import { asBusError } from './reasons.ts'

/** Tells of outages, but not of those that the first new dial ends. */
export class Outages implements LinkWatch {
  readonly #onOutage: (message: string | undefined) => void
  #dials = 0
  #told = false

  constructor(onOutage: (message: string | undefined) => void) {
    this.#onOutage = onOutage
  }

  down(why: unknown, againMs: number | null): void {
    if (this.#told || this.#dials < 2 || againMs === null) return
    this.#told = true
    this.#onOutage(asBusError(why).message)
  }

  dialling(): void {
    this.#dials++
  }

  welcomed(): void {
    const was = this.#told
    this.#dials = 0
    this.#told = false
    if (was) this.#onOutage(undefined)
  }

  caughtUp(): void {}
}
