import { type Clock, DOOR } from '../../protocol/index.ts'

/** That are remembered. */
const ADDRESSES = 10_000

/** Counts wrong credentials by address. Only wrong ones: a good agent behind the same proxy is never held up. */
export class Limiter {
  readonly #clock: Clock
  readonly #failures = new Map<string, { since: number; count: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Notes a wrong credential. Seconds to wait once there were too many from this address, else undefined. */
  failed(address: string): number | undefined {
    const now = this.#clock.monotonic()
    let entry = this.#failures.get(address)
    if (entry === undefined || now - entry.since > DOOR.guessesMs) {
      entry = { since: now, count: 0 }
      this.#failures.delete(address)
      if (this.#failures.size >= ADDRESSES) this.#forgetOldest()
      this.#failures.set(address, entry)
    }
    entry.count += 1
    if (entry.count <= DOOR.guesses) return undefined
    return Math.max(1, Math.ceil((entry.since + DOOR.guessesMs - now) / 1000))
  }

  #forgetOldest(): void {
    for (const address of this.#failures.keys()) {
      this.#failures.delete(address)
      return
    }
  }
}
