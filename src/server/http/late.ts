import { type Clock, DOOR } from '../../protocol/index.ts'
import { Quota } from './quota.ts'

/** Answers kept back at a time for one, and for all: a socket each. Beyond it they are told at once. */
const EACH = 64
const ALL = 1_024

/** Keeps answers back from those who guess: who asks one thing after the other gets no further than one a second. */
export class Late {
  readonly #clock: Clock
  readonly #quota = new Quota(EACH, ALL)
  readonly #waiting = new Set<() => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when `who` may be answered. */
  async pass(who: string): Promise<void> {
    if (this.#quota.full(who) !== undefined) return
    const release = this.#quota.take(who)
    await new Promise<void>((resolve) => {
      const go = () => {
        cancel()
        this.#waiting.delete(go)
        resolve()
      }
      const cancel = this.#clock.after(DOOR.lateMs, go)
      this.#waiting.add(go)
    })
    release()
  }

  /** The server goes: everybody is answered now. */
  dissolve(): void {
    for (const go of [...this.#waiting]) go()
  }
}
