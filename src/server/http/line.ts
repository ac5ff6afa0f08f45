import type { Clock } from '../../protocol/index.ts'

/** Sockets let in within any second: a handshake is a write, and a fleet that comes back asks for thousands. */
const PER_SECOND = 240
const SECOND_MS = 1000
/** Who may wait: the last one's turn comes well before an agent gives its dial up. */
const LONGEST = 2_000

/**
 * The line at the door. After an outage a fleet comes back together: whoever comes faster than the pace waits for a turn, in
 * order, rather than be refused and come again.
 */
export class Line {
  readonly #clock: Clock
  #waiting: (() => void)[] = []
  /** When turns were given within the last second, oldest first. */
  readonly #given: number[] = []
  #cancel: () => void = () => {}
  #open = true

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Seconds until there is room again in a line that is full, else undefined. */
  get fullForS(): number | undefined {
    if (this.#waiting.length < LONGEST) return undefined
    // Not the same for all: they would fill it together once more.
    return Math.ceil((LONGEST / PER_SECOND) * (1 + Math.random()))
  }

  /** Resolves when it is one's turn. */
  turn(): Promise<void> {
    if (!this.#open) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      if (this.#waiting.length === 1) this.#move()
    })
  }

  /** The door shuts: nobody waits any more. */
  dissolve(): void {
    this.#open = false
    this.#cancel()
    for (const go of this.#waiting.splice(0)) go()
  }

  #move(): void {
    const now = this.#clock.monotonic()
    const old = this.#given.findIndex((at) => now - at < SECOND_MS)
    this.#given.splice(0, old < 0 ? this.#given.length : old)
    for (const go of this.#waiting.splice(0, PER_SECOND - this.#given.length)) {
      this.#given.push(now)
      go()
    }
    const [oldest = now] = this.#given
    if (this.#waiting.length > 0) this.#cancel = this.#clock.after(oldest + SECOND_MS - now, () => this.#move())
  }
}
