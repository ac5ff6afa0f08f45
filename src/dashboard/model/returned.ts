import { type ReadonlySignal, signal } from '@preact/signals'

/** Told for so long after the connection is back. */
const TOLD_MS = 15_000

/** What became of the time without a server, for whoever looked at the page meanwhile. */
export class Returned {
  readonly #text = signal('')
  #changes = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  /** Empty when there is nothing to tell. */
  get text(): ReadonlySignal<string> {
    return this.#text
  }

  /** A topic went on where it had stopped, with so many changes. */
  resumed(changes: number): void {
    this.#changes += changes
    const count = this.#changes === 1 ? 'one change' : `${this.#changes} changes`
    this.#tell(this.#changes === 0 ? 'nothing had changed' : `${count} caught up with`)
  }

  /** A topic began anew: what changed meanwhile was not told one by one. */
  anew(): void {
    this.#tell('shown anew as it is now')
  }

  #tell(text: string): void {
    this.#text.value = text
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#text.value = ''
      this.#changes = 0
    }, TOLD_MS)
  }
}
