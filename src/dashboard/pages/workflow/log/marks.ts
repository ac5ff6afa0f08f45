import { foldCase } from '../../../../protocol/index.ts'
import type { Span } from './ansi.ts'

/** A piece of a text; `to` is the place after it. */
interface Piece {
  readonly from: number
  readonly to: number
}

/** A span, and whether it is (a piece of) what was looked for. */
export interface Marked extends Span {
  readonly found: boolean
}

/** Where a text holds another, from left to right, none overlapping; large and small letters are the same, as to the server. */
export function placesOf(text: string, wanted: string): Piece[] {
  const needle = foldCase(wanted)
  if (needle === '') return []
  const hay = foldCase(text)
  const back = hay.length === text.length ? (at: number) => at : unfolded(text)
  const places: Piece[] = []
  for (let at = hay.indexOf(needle); at !== -1; at = hay.indexOf(needle, at + needle.length)) {
    places.push({ from: back(at), to: back(at + needle.length - 1) + 1 })
  }
  return places
}

/** Some letters become two. */
function unfolded(text: string): (at: number) => number {
  const origins: number[] = []
  let at = 0
  for (const character of text) {
    for (let count = foldCase(character).length; count > 0; count--) origins.push(at)
    at += character.length
  }
  return (folded) => origins[folded] ?? at
}

/** The spans cut at the places, which are counted over all of them. */
export function marked(spans: readonly Span[], places: readonly Piece[]): Marked[] {
  let start = 0
  return spans.flatMap((span) => {
    const [from, to] = [start, start + span.text.length]
    start = to
    const cuts = [from, ...places.flatMap((place) => [place.from, place.to]).filter((at) => at > from && at < to), to]
    return cuts.slice(0, -1).map((at, index) => ({
      ...span,
      text: span.text.slice(at - from, (cuts[index + 1] ?? to) - from),
      found: places.some((place) => place.from <= at && at < place.to),
    }))
  })
}
