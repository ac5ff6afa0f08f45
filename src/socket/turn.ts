/** One socket's work in a turn of the event loop: with this much done it is read again in the next one. */
const SHARE_MS = 8

/**
 * Keeps one peer that sends as fast as it can from standing before all the others: Node reads a full socket up to 32 times
 * before it looks at the next. Measured by the machine's own time, since it is our own work that is shared out.
 */
export class Turn {
  #since: number | undefined
  readonly #over: () => void

  /** `over` is called when the turn ends in which something came. */
  constructor(over: () => void) {
    this.#over = over
  }

  /** A message came, now by `performance`. Answers whether this turn's share is used up. */
  spent(now: number): boolean {
    if (this.#since !== undefined) return now - this.#since >= SHARE_MS
    this.#since = now
    setImmediate(() => {
      this.#since = undefined
      this.#over()
    })
    return false
  }
}
