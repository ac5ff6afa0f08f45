import type { Log } from '../protocol/index.ts'

/** Writes that nobody waits for: this owns them, says what went wrong, and lets the end of the server wait for all. */
export class Owed {
  readonly #log: Log
  readonly #open = new Set<Promise<void>>()

  constructor(log: Log) {
    this.#log = log
  }

  add(what: string, promise: Promise<unknown>): void {
    const settled = promise.then(
      () => {},
      (error: unknown) => this.#log.warn({ error }, `${what} failed`),
    )
    this.#open.add(settled)
    void settled.then(() => this.#open.delete(settled))
  }

  async paid(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open)
  }
}
