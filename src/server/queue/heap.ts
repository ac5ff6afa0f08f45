/** Knows its own place, so that it can be taken out of the middle. An item stands in one heap at a time; outside: −1. */
export interface Placed {
  slot: number
}

/** A binary heap: the first by `before` is at hand, everything else costs a logarithm. */
export class Heap<T extends Placed> {
  readonly #items: T[] = []
  readonly #before: (a: T, b: T) => boolean

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  /** In no order. */
  get items(): readonly T[] {
    return this.#items
  }

  peek(): T | undefined {
    return this.#items[0]
  }

  has(item: T): boolean {
    return this.#items[item.slot] === item
  }

  push(item: T): void {
    item.slot = this.#items.length
    this.#items.push(item)
    this.#up(item)
  }

  pop(): T | undefined {
    const first = this.#items[0]
    if (first !== undefined) this.remove(first)
    return first
  }

  remove(item: T): boolean {
    if (!this.has(item)) return false
    const last = this.#items.pop()
    const hole = item.slot
    item.slot = -1
    if (last === undefined || last === item) return true
    last.slot = hole
    this.#items[hole] = last
    this.update(last)
    return true
  }

  /** Restores the order after the item's own rank changed. */
  update(item: T): void {
    this.#up(item)
    this.#down(item)
  }

  #up(item: T): void {
    while (item.slot > 0) {
      const parent = this.#items[(item.slot - 1) >> 1]
      if (parent === undefined || !this.#before(item, parent)) return
      this.#swap(item, parent)
    }
  }

  #down(item: T): void {
    for (;;) {
      const left = this.#items[item.slot * 2 + 1]
      const right = this.#items[item.slot * 2 + 2]
      if (left === undefined) return
      const child = right !== undefined && this.#before(right, left) ? right : left
      if (!this.#before(child, item)) return
      this.#swap(child, item)
    }
  }

  #swap(a: T, b: T): void {
    const slot = a.slot
    a.slot = b.slot
    b.slot = slot
    this.#items[a.slot] = a
    this.#items[b.slot] = b
  }
}
