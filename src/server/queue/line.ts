import { Heap, type Placed } from './heap.ts'

/** Stands in at most one line; the line keeps `slot` and `late`. */
export interface Queued extends Placed {
  readonly priority: number
  readonly order: number
  late: boolean
}

/** The order of work: priority, then age. */
export function goesBefore(a: Queued, b: Queued): boolean {
  return a.priority === b.priority ? a.order < b.order : a.priority > b.priority
}

/**
 * A waiting line by priority, then age. Work comes in order of age nearly always, so each priority is a plain row that
 * is appended to and taken from the front: a long line costs what a short one does.
 */
export class Line<T extends Queued> {
  /** Highest priority first, none empty: 201 at most. */
  readonly #rows: Row<T>[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  peek(): T | undefined {
    return this.#rows[0]?.peek()
  }

  add(item: T): void {
    this.#rowFor(item.priority).add(item)
    this.#size++
  }

  /** The item must stand in this line. */
  remove(item: T): void {
    const at = this.#rows.findIndex(({ priority }) => priority === item.priority)
    const row = this.#rows[at]
    if (row === undefined) return
    row.remove(item)
    this.#size--
    if (row.size === 0) this.#rows.splice(at, 1)
  }

  #rowFor(priority: number): Row<T> {
    const at = this.#rows.findIndex((row) => row.priority <= priority)
    const found = this.#rows[at]
    if (found?.priority === priority) return found
    const row = new Row<T>(priority)
    this.#rows.splice(at === -1 ? this.#rows.length : at, 0, row)
    return row
  }
}

const TRIM = 1024

/** Those of one priority: who came in order of age in an array, whoever came late (requeued, released) in a heap. */
class Row<T extends Queued> {
  readonly priority: number
  #inOrder: (T | undefined)[] = []
  #head = 0
  /** What was cut off the front of the array; slots count from the very first. */
  #cut = 0
  #newest = Number.NEGATIVE_INFINITY
  #size = 0
  readonly #late = new Heap<T>((a, b) => a.order < b.order)

  constructor(priority: number) {
    this.priority = priority
  }

  get size(): number {
    return this.#size
  }

  peek(): T | undefined {
    const first = this.#inOrder[this.#head]
    const late = this.#late.peek()
    if (first === undefined || late === undefined) return first ?? late
    return late.order < first.order ? late : first
  }

  add(item: T): void {
    this.#size++
    item.late = item.order < this.#newest
    if (item.late) {
      this.#late.push(item)
      return
    }
    this.#newest = item.order
    item.slot = this.#cut + this.#inOrder.length
    this.#inOrder.push(item)
  }

  remove(item: T): void {
    this.#size--
    if (item.late) {
      this.#late.remove(item)
      return
    }
    this.#inOrder[item.slot - this.#cut] = undefined
    item.slot = -1
    while (this.#head < this.#inOrder.length && this.#inOrder[this.#head] === undefined) this.#head++
    this.#trim()
  }

  #trim(): void {
    if (this.#head < TRIM || this.#head * 2 < this.#inOrder.length) return
    this.#inOrder = this.#inOrder.slice(this.#head)
    this.#cut += this.#head
    this.#head = 0
  }
}
