import { BusError, SEARCH } from '../protocol/index.ts'

/**
 * What looks through much goes one by one. The store takes all that waits into one transaction: two of them in it would
 * hold up a write twice as long.
 */
export class Searches {
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()

  /** Runs it in its turn; not at all if nobody waits for it any more. Rejects with `busy` if too many wait. */
  run<T>(call: { readonly signal: AbortSignal }, search: () => Promise<T>): Promise<T> {
    if (this.#waiting >= SEARCH.waiting) {
      return Promise.reject(new BusError('busy', `${SEARCH.waiting} searches wait already`))
    }
    this.#waiting += 1
    const { signal } = call
    const turn = this.#last.then(() => {
      if (signal.aborted) throw new BusError('canceled', 'nobody waits for it any more')
      return search()
    })
    this.#last = turn
      .catch(() => {})
      .finally(() => {
        this.#waiting -= 1
      })
    return turn
  }
}
