/**
 * What of many rows is drawn, and where. Rows have the height of a line or more (wrapped ones), which is known only of
 * those that are drawn. A place is a number of rows: 2.5 is the middle of the third.
 */

/** No element is made higher, in pixels: browsers stop at 17.8 million. */
const HIGHEST = 8_000_000

/** Rows drawn beyond the edges: a frame may be late. */
const SPARE = 12

/** What there is to see, and through what. Pixels. */
export interface View {
  /** Rows. */
  readonly count: number
  /** Of a row that is not wrapped. */
  readonly lineHeight: number
  /** Of a row on the average, as far as one knows. */
  readonly rowHeight: number
  /** Of the window. */
  readonly height: number
}

/** The place that stands at a height of the window: what is read stays there, whatever comes and goes around it. */
export interface Anchor {
  readonly place: number
  readonly y: number
}

/** A row as it was drawn; pixels. */
export interface Drawn {
  readonly top: number
  readonly height: number
}

export const START: Anchor = { place: 0, y: 0 }

export function endOf({ count, height }: View): Anchor {
  return { place: count, y: height }
}

/** Of what scrolls in the window. */
export function innerHeight({ count, rowHeight }: View): number {
  return Math.min(count * rowHeight, HIGHEST)
}

/** How far it scrolls. */
export function scrollRange(view: View): number {
  return Math.max(0, innerHeight(view) - view.height)
}

/** What the average is after these rows were drawn. It stays while it is about right: the scroll bar is calm then. */
export function averaged(rows: readonly Drawn[], { count, lineHeight, rowHeight }: View): number {
  const last = rows.at(-1)
  if (last === undefined) return rowHeight
  const mean = Math.max(lineHeight, (last.top + last.height) / rows.length)
  const isRight = rows.length < count && mean < rowHeight * 1.5 && mean > rowHeight / 1.5
  return isRight ? rowHeight : mean
}

/**
 * Where it stands after the reader has scrolled by hand. The same part of the way is gone among the rows as on the
 * scroll bar; at its ends are theirs.
 */
export function scrolled(anchor: Anchor, { from, to }: { from: number; to: number }, view: View): Anchor {
  const range = scrollRange(view)
  if (to <= 0) return START
  if (to >= range - 1) return endOf(view)
  const share = (to - from) / range
  return { place: anchor.place + share * view.count, y: anchor.y + share * view.height }
}

/** Which rows may be seen: from, and the one after the last. */
export function rowsAround({ place, y }: Anchor, { count, lineHeight, height }: View): { from: number; to: number } {
  const above = Math.ceil(Math.max(0, y) / lineHeight) + SPARE
  const below = Math.ceil(Math.max(0, height - y) / lineHeight) + SPARE
  const from = clamp(Math.floor(place) - above, 0, count)
  return { from, to: clamp(Math.ceil(place) + below, from, count) }
}

/** What comes of rows that were drawn from row `from` on, their tops counted from the first of them. */
interface Settled {
  /** Where the first of them has to stand. */
  readonly top: number
  /** The same as before, said by the place that stands as far down the window as down the rows. */
  readonly anchor: Anchor
  /** It would have shown what is beyond an end: draw again, around this. */
  readonly again: boolean
}

export function settled(anchor: Anchor, from: number, rows: readonly Drawn[], view: View): Settled {
  const top = anchor.y - offsetOf(anchor.place - from, rows)
  const last = rows.at(-1)
  const bottom = top + (last === undefined ? 0 : last.top + last.height)
  const isFirst = from === 0
  const isLast = from + rows.length === view.count
  const fits = isFirst && isLast && bottom - top <= view.height
  if (fits || (isFirst && top > 0)) return { top: 0, anchor: START, again: !fits && differ(anchor, START) }
  if (isLast && bottom < view.height) {
    const end = endOf(view)
    return { top: top + view.height - bottom, anchor: end, again: differ(anchor, end) }
  }
  return { top, anchor: balanced(top, from, rows, view), again: false }
}

/** How far down the scroll bar it stands. */
export function scrollTopOf({ place }: Anchor, view: View): number {
  return view.count === 0 ? 0 : (place / view.count) * scrollRange(view)
}

/** Where a place among the drawn rows is; beyond them it is guessed at one line each. */
function offsetOf(place: number, rows: readonly Drawn[]): number {
  const index = clamp(Math.floor(place), 0, Math.max(0, rows.length - 1))
  const row = rows[index]
  return row === undefined ? 0 : row.top + (place - index) * row.height
}

/** The place p that stands at p ÷ count of the window's height: there is one in every row of drawn lines but the ends. */
function balanced(top: number, from: number, rows: readonly Drawn[], { count, height }: View): Anchor {
  const slope = height / count
  const index = rows.findIndex((row, at) => top + row.top + row.height >= (from + at + 1) * slope)
  const row = rows[index]
  if (row === undefined) return { place: count, y: height }
  const share = clamp(((from + index) * slope - top - row.top) / (row.height - slope) || 0, 0, 1)
  const place = from + index + share
  return { place, y: top + row.top + share * row.height }
}

function differ(a: Anchor, b: Anchor): boolean {
  return Math.abs(a.place - b.place) > 1e-6 || Math.abs(a.y - b.y) > 0.5
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high))
}
