import type { LogPart, MissingLines } from './views.ts'

/** Which missing lines of an attempt's log were shown in their place: what else is missing is shown at the end. */
export class ShownGaps {
  readonly #places = new Set<string>()
  #attempt = 0

  saw(attempt: number, part: LogPart): void {
    // Another attempt begins anew.
    if (attempt !== this.#attempt) this.#places.clear()
    this.#attempt = attempt
    if (part.kind === 'gap') this.#places.add(placeOf(part))
  }

  othersOf(missing: readonly MissingLines[]): MissingLines[] {
    return missing.filter((range) => !this.#places.has(placeOf(range)))
  }
}

function placeOf({ stepId, from }: { stepId: string; from: number }): string {
  return `${stepId} ${from}`
}
