import type { Entry, Hold } from './entry.ts'
import { Heap } from './heap.ts'

/** Work that waits for a time: a requeue for its old attempt, an offer that failed for another try. */
export class Holds {
  readonly #soonest = new Heap<Hold>((a, b) => a.until < b.until)

  set(entry: Entry, until: number): void {
    if (entry.hold !== null) {
      entry.hold.until = until
      this.#soonest.update(entry.hold)
      return
    }
    entry.hold = { entry, until, slot: -1 }
    this.#soonest.push(entry.hold)
  }

  clear(entry: Entry): void {
    if (entry.hold !== null) this.#soonest.remove(entry.hold)
    entry.hold = null
  }

  /** Ends one that is over, and says whose it was. */
  takeDue(now: number): Entry | undefined {
    const first = this.#soonest.peek()
    if (first === undefined || first.until > now) return undefined
    this.clear(first.entry)
    return first.entry
  }

  next(): number | undefined {
    return this.#soonest.peek()?.until
  }
}
