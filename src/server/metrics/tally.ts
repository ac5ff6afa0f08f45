/** Counts by key, in plain numbers: adding costs nothing, whoever reads them does the work. */
export class Tally<K extends string> {
  readonly #counts: Map<K, number>

  constructor(keys: readonly K[]) {
    this.#counts = new Map(keys.map((key) => [key, 0]))
  }

  add(key: K, count = 1): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count)
  }

  entries(): Iterable<[K, number]> {
    return this.#counts
  }
}

/** One count. */
export class Count {
  value = 0

  add(count = 1): void {
    this.value += count
  }
}
