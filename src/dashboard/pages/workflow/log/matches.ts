import { type ReadonlySignal, signal } from '@preact/signals'
import { type AskLines, type Found, LogSearch, NOTHING } from './search.ts'

/** Where the search meets the window. */
interface Sight {
  /** Number of the first line in the window. */
  first(): number
  /** Brings a line into the window. */
  reveal(line: number): void
  /** The search has come to that line: there are at least so many. */
  reached(line: number): void
}

/** What is looked for, and the match that the reader is at. */
export class Matches {
  readonly #sight: Sight
  readonly #search: LogSearch
  readonly #found = signal(NOTHING)
  readonly #line = signal<number | null>(null)
  /** Where the reader wants to go and no match is known of yet: 1 onwards, −1 back. */
  #sought: 1 | -1 | 0 = 0

  constructor(ask: AskLines, sight: Sight) {
    this.#sight = sight
    this.#search = new LogSearch(ask, (found) => this.#take(found))
  }

  get found(): ReadonlySignal<Found> {
    return this.#found
  }

  /** The line of the match that the reader is at. */
  get line(): ReadonlySignal<number | null> {
    return this.#line
  }

  /** Looks for a text; empty for none. Goes to the first match from the window on. */
  seek(text: string): void {
    this.#line.value = null
    this.#sought = text === '' ? 0 : 1
    this.#search.start(text)
  }

  /** To the next match, or with −1 to the one before; at an end on from the other. */
  step(way: 1 | -1): void {
    const { lines, done } = this.#found.value
    const at = this.#line.value ?? this.#sight.first() - (way === 1 ? 1 : 0)
    const next = way === 1 ? lines.find((line) => line > at) : lines.findLast((line) => line < at)
    if (next === undefined && !done) {
      this.#sought = way
      return
    }
    const line = next ?? (way === 1 ? lines[0] : lines.at(-1))
    if (line === undefined) return
    this.#line.value = line
    this.#sight.reveal(line)
  }

  /** There are so many lines now. */
  grown(lines: number): void {
    this.#search.grown(lines)
  }

  close(): void {
    this.#search.close()
  }

  #take(found: Found): void {
    this.#found.value = found
    this.#sight.reached(found.scanned)
    const way = this.#sought
    if (way === 0 || (found.lines.length === 0 && !found.done)) return
    this.#sought = 0
    this.step(way)
  }
}
