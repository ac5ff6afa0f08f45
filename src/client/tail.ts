/** Characters of live text that wait for a slow reader; beyond it they are read from the store again. */
const MOST = 4 * 1024 * 1024

/** What came live and was not taken yet. When it is too much it is dropped: `lost` says that the store has to be read. */
export class Tail<T> {
  #items: { item: T; size: number }[] = []
  #taken = 0
  #size = 0
  #lost = true
  #wake: (() => void) | undefined

  push(item: T, size: number): void {
    this.#items.push({ item, size })
    this.#size += size
    if (this.#size > MOST) this.lose()
  }

  shift(): T | undefined {
    const next = this.#items[this.#taken++]
    this.#size -= next?.size ?? 0
    // Now and then, so that a long tail costs no copy per item.
    if (this.#taken > 1000 && this.#taken * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#taken)
      this.#taken = 0
    }
    return next?.item
  }

  get empty(): boolean {
    return this.#taken >= this.#items.length
  }

  /** Something is missing: the store has it, and everything that waits here as well. */
  lose(): void {
    this.#items = []
    this.#taken = 0
    this.#size = 0
    this.#lost = true
    this.wake()
  }

  /** Whether the store has to be read; true once per loss, at first too. */
  takeLost(): boolean {
    const lost = this.#lost
    this.#lost = false
    return lost
  }

  wake(): void {
    this.#wake?.()
    this.#wake = undefined
  }

  /** Resolves at the next push, loss or wake. */
  something(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
