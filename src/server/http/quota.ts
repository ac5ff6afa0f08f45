/** So many at a time of each, and of all together. Whatever it counts is counted by key. */
export class Quota {
  readonly #each: number
  readonly #all: number
  readonly #taken = new Map<string, number>()
  #total = 0

  constructor(each: number, all = Number.POSITIVE_INFINITY) {
    this.#each = each
    this.#all = all
  }

  /** Whether there is a place, and if not, whether this key or everybody has taken the last. */
  full(key: string): 'each' | 'all' | undefined {
    if ((this.#taken.get(key) ?? 0) >= this.#each) return 'each'
    return this.#total >= this.#all ? 'all' : undefined
  }

  /** Takes a place, asked or not whether there is one. Answers how it is given back; a second time does nothing. */
  take(key: string): () => void {
    this.#total += 1
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + 1)
    let held = true
    return () => {
      if (held) this.#release(key)
      held = false
    }
  }

  #release(key: string): void {
    this.#total -= 1
    const left = (this.#taken.get(key) ?? 0) - 1
    if (left > 0) this.#taken.set(key, left)
    else this.#taken.delete(key)
  }
}
