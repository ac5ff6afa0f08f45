import type { Clock } from '../../protocol/index.ts'
import type { Observe } from './instruments.ts'

const EVERY_MS = 500

/** How late this process gets to what is due: measured by a timer of its own. */
export class LoopLag {
  readonly #clock: Clock
  readonly #observe: Observe
  #cancel: () => void = () => {}

  constructor(clock: Clock, observe: Observe) {
    this.#clock = clock
    this.#observe = observe
  }

  start(): void {
    const due = this.#clock.monotonic() + EVERY_MS
    this.#cancel = this.#clock.after(EVERY_MS, () => {
      this.#observe(Math.max(0, this.#clock.monotonic() - due) / 1000)
      this.start()
    })
  }

  stop(): void {
    this.#cancel()
  }
}
