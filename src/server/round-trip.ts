import type { Clock } from '../protocol/index.ts'

/** Pings are 15 s apart: every second one at most is told. */
const SELDOM_MS = 25_000
/** Of what was told last: less is the noise of a network, or of a busy machine. */
const SHARE = 0.25
/** The same of a short one. */
const LEAST_MS = 5

/** Which of a connection's round trips are worth a commit: the first, and later ones that differ much, now and then. */
export class RoundTrip {
  readonly #clock: Clock
  readonly #tell: (ms: number) => void
  #told: { ms: number; at: number } | undefined

  constructor(clock: Clock, tell: (ms: number) => void) {
    this.#clock = clock
    this.#tell = tell
  }

  measured(exact: number): void {
    const told = this.#told
    const [ms, at] = [Math.round(exact), this.#clock.monotonic()]
    if (told !== undefined) {
      if (at - told.at < SELDOM_MS || Math.abs(ms - told.ms) <= Math.max(LEAST_MS, SHARE * told.ms)) return
    }
    this.#told = { ms, at }
    this.#tell(ms)
  }
}
