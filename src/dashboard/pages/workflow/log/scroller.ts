import { type ReadonlySignal, signal } from '@preact/signals'
import { Layout } from './layout.ts'
import { measured, type Stand } from './stand.ts'
import {
  type Anchor,
  averaged,
  type Drawn,
  endOf,
  innerHeight,
  rowsAround,
  START,
  scrolled,
  scrollRange,
  scrollTopOf,
  settled,
  type View,
} from './window.ts'

/** The first, and the one after the last. */
export interface Rows {
  readonly from: number
  readonly to: number
}

/** A reader's hand is off the scroll bar after that long without a move. */
const STILL_MS = 200
/** A row that would be drawn beyond an end is drawn anew; no more often than that. */
const TRIES = 4

/** The rows as they were drawn last: the first of them, and where it stood. */
const NOT_DRAWN: { readonly from: number; readonly rows: readonly Drawn[]; readonly top: number } = {
  from: 0,
  rows: [],
  top: 0,
}

/** Keeps what is read where it is, while rows come, go and change their height: `window.ts` has the arithmetic. */
export class Scroller {
  readonly #rows = signal<Rows>({ from: 0, to: 0 })
  readonly #following = signal(false)
  #layout = new Layout(0, [])
  #view: View = { count: 0, lineHeight: 20, rowHeight: 20, height: 0 }
  #anchor = START
  #stand: Stand | undefined
  #onPage: Rows | undefined
  #last = NOT_DRAWN
  #expected = 0
  #moved = Number.NEGATIVE_INFINITY
  #still: ReturnType<typeof setTimeout> | undefined
  #tries = 0
  #widest = 0

  /** Rows to draw. */
  get rows(): ReadonlySignal<Rows> {
    return this.#rows
  }

  /** Whether it stays at the end as more comes. */
  get following(): ReadonlySignal<boolean> {
    return this.#following
  }

  /** The first row that is wholly in the window. */
  get first(): number {
    const { from, rows, top } = this.#last
    return (
      from +
      Math.max(
        0,
        rows.findIndex((row) => top + row.top > -1),
      )
    )
  }

  /** Answers what takes it off again. */
  attach(stand: Stand): () => void {
    this.#stand = stand
    const measure = new ResizeObserver(() => this.#measure())
    measure.observe(stand.outer)
    const off = new AbortController()
    const on = { passive: true, signal: off.signal }
    stand.outer.addEventListener('scroll', () => this.#onScroll(), on)
    // Before the next frame, which would scroll back to the end.
    stand.outer.addEventListener('touchmove', () => this.follow(false), on)
    stand.outer.addEventListener('wheel', ({ deltaY }) => deltaY < 0 && this.follow(false), on)
    this.#measure()
    return () => {
      measure.disconnect()
      clearTimeout(this.#still)
      off.abort()
      this.#stand = undefined
    }
  }

  follow(follows: boolean): void {
    this.#following.value = follows
    if (follows) this.#move(endOf(this.#view))
  }

  /** What there is now; it is about to be drawn. What is shown stays, unless the end is followed. */
  show(layout: Layout): void {
    if (layout.gaps !== this.#layout.gaps) {
      this.#anchor = { ...this.#anchor, place: placeIn(this.#layout, layout, this.#anchor.place) }
      this.#last = NOT_DRAWN
    }
    this.#layout = layout
    this.#view = { ...this.#view, count: layout.count }
    if (this.#following.value) this.#anchor = endOf(this.#view)
    this.#around(this.#anchor)
  }

  /** Brings a line into the window, a third down, unless it is there. */
  reveal(line: number): void {
    this.#following.value = false
    const place = this.#layout.rowOf(line)
    const { from, rows, top } = this.#last
    const row = rows[place - from]
    const isIn = row !== undefined && top + row.top >= 0 && top + row.top + row.height <= this.#view.height
    if (!isIn) this.#move({ place, y: Math.round(this.#view.height / 3) })
  }

  /** Whether it was a key that scrolls. */
  press(key: string): boolean {
    const { lineHeight, height } = this.#view
    const page = height - lineHeight
    const ways: Readonly<Record<string, Anchor | undefined>> = {
      ArrowUp: this.#by(-lineHeight),
      ArrowDown: this.#by(lineHeight),
      PageUp: this.#by(-page),
      PageDown: this.#by(page),
      Home: START,
      End: endOf(this.#view),
    }
    const way = ways[key]
    if (way === undefined) return false
    if (key !== 'End' && !key.endsWith('Down')) this.#following.value = false
    this.#move(way)
    return true
  }

  /** These rows are on the page now. */
  drawn(rows: Rows): void {
    this.#onPage = rows
    this.#settle()
  }

  /** Rows are as high as a line again, or wrapped. */
  rewrapped(): void {
    this.#widest = 0
    if (this.#stand !== undefined) this.#stand.box.style.minWidth = ''
    this.#view = { ...this.#view, rowHeight: this.#view.lineHeight }
    this.#settle()
  }

  /** Measures the rows and puts them where they belong. */
  #settle(): void {
    const { from } = this.#rows.value
    // Others are about to be drawn.
    if (this.#onPage !== this.#rows.value || this.#stand === undefined || this.#view.height === 0) return
    const rows = measured(this.#stand)
    this.#view = { ...this.#view, rowHeight: averaged(rows, this.#view) }
    const anchor = this.#following.value ? endOf(this.#view) : this.#anchor
    const { top, anchor: next, again } = settled(anchor, from, rows, this.#view)
    this.#anchor = next
    this.#last = { from, rows, top }
    this.#place(this.#stand, top)
    if (again && this.#tries++ < TRIES) this.#move(next)
    else this.#tries = 0
  }

  #by(pixels: number): Anchor {
    return { ...this.#anchor, y: this.#anchor.y - pixels }
  }

  #move(anchor: Anchor): void {
    this.#anchor = anchor
    if (!this.#around(anchor)) this.#settle()
  }

  /** Whether other rows have to be drawn. */
  #around(anchor: Anchor): boolean {
    const next = rowsAround(anchor, this.#view)
    const { from, to } = this.#rows.value
    if (next.from === from && next.to === to) return false
    this.#rows.value = next
    return true
  }

  #place({ outer, inner, box }: Stand, top: number): void {
    const height = `${innerHeight(this.#view)}px`
    if (inner.style.height !== height) inner.style.height = height
    box.style.transform = `translateY(${Math.round(top)}px)`
    // The rows that were wider may be gone: the window would jump to the side.
    this.#widest = Math.max(this.#widest, box.scrollWidth)
    box.style.minWidth = `${this.#widest}px`
    const wanted = this.#following.value ? scrollRange(this.#view) : scrollTopOf(this.#anchor, this.#view)
    const isHeld = performance.now() - this.#moved < STILL_MS && !this.#following.value
    if (!isHeld && Math.abs(outer.scrollTop - wanted) >= 1) outer.scrollTop = wanted
    if (!isHeld) this.#expected = outer.scrollTop
  }

  #onScroll(): void {
    const to = this.#stand?.outer.scrollTop ?? 0
    const from = this.#expected
    if (Math.abs(to - from) < 1) return
    if (to < from) this.#following.value = false
    this.#expected = to
    this.#moved = performance.now()
    clearTimeout(this.#still)
    this.#still = setTimeout(() => this.#settle(), STILL_MS)
    this.#move(scrolled(this.#anchor, { from, to }, this.#view))
  }

  /** Sizes may be others now, and so may wrapping. */
  #measure(): void {
    if (this.#stand === undefined) return
    const { outer, frame } = this.#stand
    const height = outer.clientHeight
    const lineHeight = Number.parseFloat(getComputedStyle(outer).lineHeight)
    const rowHeight = lineHeight === this.#view.lineHeight ? this.#view.rowHeight : lineHeight
    this.#view = { ...this.#view, height, lineHeight, rowHeight }
    frame.style.height = `${height}px`
    this.#move(this.#following.value ? endOf(this.#view) : this.#anchor)
  }
}

/** The same place, though rows before it have become one. */
function placeIn(before: Layout, after: Layout, place: number): number {
  if (before.count === 0) return place
  const row = Math.min(Math.floor(place), before.count - 1)
  const content = before.at(row)
  return after.rowOf('line' in content ? content.line : content.gap.from) + place - row
}
