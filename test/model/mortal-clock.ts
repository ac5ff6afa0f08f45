import type { Clock } from '../../src/protocol/index.ts'

/** The clock of one process: when that dies, none of its timers fires any more. */
export class MortalClock implements Clock {
  readonly #clock: Clock
  readonly #cancels = new Set<() => void>()
  #dead = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): number {
    return this.#clock.now()
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  after(ms: number, call: () => void): () => void {
    if (this.#dead) return () => {}
    const cancelTimer = this.#clock.after(ms, () => {
      this.#cancels.delete(cancel)
      call()
    })
    const cancel = () => {
      this.#cancels.delete(cancel)
      cancelTimer()
    }
    this.#cancels.add(cancel)
    return cancel
  }

  kill(): void {
    this.#dead = true
    for (const cancel of [...this.#cancels]) cancel()
  }
}
