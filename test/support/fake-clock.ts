import type { Clock } from '../../src/protocol/index.ts'

interface Timer {
  at: number
  order: number
  call: () => void
}

/** Lets everything that needs no time settle: promises, and callbacks of the in-memory pair. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

/** Time that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number
  #monotonic = 0
  #order = 0
  #timers = new Set<Timer>()

  constructor(now = Date.UTC(2030, 0, 1)) {
    this.#now = now
  }

  now(): number {
    // Whole milliseconds, as a machine has them, whatever fraction a random delay had.
    return Math.floor(this.#now)
  }

  monotonic(): number {
    return this.#monotonic
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#monotonic + Math.max(0, ms), order: ++this.#order, call }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** Timers that wait: zero once everything has been cleared. */
  get pending(): number {
    return this.#timers.size
  }

  /** Goes on by `ms`, firing due timers in order and letting promises settle before and after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    await settle()
    for (;;) {
      const timer = this.#next(end)
      if (timer === undefined) break
      this.#timers.delete(timer)
      this.#moveTo(Math.max(this.#monotonic, timer.at))
      timer.call()
      await settle()
    }
    this.#moveTo(end)
    await settle()
  }

  /** Time passes and nothing runs, as in a process that was busy: what came due meanwhile is called late. */
  stall(ms: number): void {
    this.#moveTo(this.#monotonic + ms)
  }

  /** Moves the wall clock alone, as a suspended machine or a corrected clock does. */
  jump(ms: number): void {
    this.#now += ms
  }

  #moveTo(monotonic: number): void {
    this.#now += monotonic - this.#monotonic
    this.#monotonic = monotonic
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at > end) continue
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) {
        first = timer
      }
    }
    return first
  }
}
