/** Brings what was written to the disk; all who wait while one flush is under way share the next. */
export class GroupSync {
  readonly #flush: () => Promise<void>
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(flush: () => Promise<void>) {
    this.#flush = flush
  }

  /** Everything written before this call is on disk when it resolves. */
  sync(): Promise<void> {
    const running = this.#running
    if (running === undefined) return this.#start()
    this.#next ??= running
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        return this.#start()
      })
    return this.#next
  }

  #start(): Promise<void> {
    const flush = this.#flush().finally(() => {
      if (this.#running === flush) this.#running = undefined
    })
    this.#running = flush
    return flush
  }
}
