/** One count. */
export class Count {
  value = 0

  add(count = 1): void {
    this.value += count
  }
}

/** Counts by key, in plain numbers: adding costs next to nothing, whoever reads them does the work. */
export class Tally<K extends string> {
  readonly #counts: Map<K, Count>

  constructor(keys: readonly K[]) {
    this.#counts = new Map(keys.map((key) => [key, new Count()]))
  }

  /** A key that was not foreseen is not counted: a label's values are a fixed set. */
  add(key: K, count = 1): void {
    this.#counts.get(key)?.add(count)
  }

  /** Of a key that was foreseen. */
  of(key: K): number {
    return this.#counts.get(key)?.value ?? 0
  }

  entries(): Iterable<[K, Count]> {
    return this.#counts
  }
}
