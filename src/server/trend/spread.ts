/** Beyond these the middle is that of a fair sample. */
const KEPT = 1_024

/** How values lie, in bounded memory. */
export class Spread {
  readonly #kept: number[] = []
  #count = 0
  #max = 0

  add(value: number): void {
    this.#count++
    this.#max = Math.max(this.#max, value)
    const place = this.#kept.length < KEPT ? this.#kept.length : Math.floor(Math.random() * this.#count)
    if (place < KEPT) this.#kept[place] = value
  }

  /** Null: there was none. */
  get(): { p50: number; max: number; count: number } | null {
    const sorted = this.#kept.toSorted((a, b) => a - b)
    const p50 = sorted[Math.floor((sorted.length - 1) / 2)]
    return p50 === undefined ? null : { p50, max: this.#max, count: this.#count }
  }
}
