import { type Mask, maskOf } from '../logs/mask.ts'

/**
 * Where a line without end may be cut. The masking that comes later sees one piece at a time, so that a secret with a
 * cut through it would go out in two readable halves.
 */
export class Seams {
  /** Characters behind a cut that must be known: as many as the longest secret has on one line. */
  readonly ahead: number
  readonly #mask: Mask

  constructor(secrets: Readonly<Record<string, string>>) {
    this.#mask = maskOf(secrets)
    const lines = Object.values(secrets).flatMap((value) => value.split(/\r?\n/))
    this.ahead = Math.max(0, ...lines.map((line) => line.length))
  }

  /** The last place up to `at` that is inside neither a secret nor a character. */
  upTo(at: number, text: string): number {
    const least = Math.max(0, at - this.ahead)
    for (let place = at; place > least; place--) {
      if (!isLowSurrogate(text.charCodeAt(place)) && !this.#inSecret(place, text)) return place
    }
    // Only a text made of nothing but overlapping secrets gets here.
    return at
  }

  #inSecret(place: number, text: string): boolean {
    if (this.ahead === 0) return false
    const before = text.slice(Math.max(0, place - this.ahead), place)
    const after = text.slice(place, place + this.ahead)
    return this.#mask(before + after) !== this.#mask(before) + this.#mask(after)
  }
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
