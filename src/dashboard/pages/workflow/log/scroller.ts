import { type ReadonlySignal, signal } from '@preact/signals'
import { Layout } from './layout.ts'
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

/** The elements it moves. */
interface Stand {
  /** Scrolls. */
  readonly outer: HTMLElement
  /** As high as everything. */
  readonly inner: HTMLElement
  /** Stays in the window. */
  readonly frame: HTMLElement
  /** Holds the rows that are drawn, one element each. */
  readonly box: HTMLElement
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
  readonly #rows = signal({ from: 0, to: 0 })
  readonly #following = signal(false)
  #layout = new Layout(0, [])
  #view: View = { count: 0, lineHeight: 20, rowHeight: 20, height: 0 }
  #anchor = START
  #stand: Stand | undefined
  #last = NOT_DRAWN
  #expected = 0
  #moved = Number.NEGATIVE_INFINITY
  #still: ReturnType<typeof setTimeout> | undefined
  #tries = 0
  #widest = 0

  /** Rows to draw: from, and the one after the last. */
  get rows(): ReadonlySignal<{ readonly from: number; readonly to: number }> {
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
    const onScroll = () => this.#onScroll()
    const onWheel = ({ deltaY }: WheelEvent) => {
      // Before the next frame, which would scroll back to the end.
      if (deltaY < 0) this.follow(false)
    }
    stand.outer.addEventListener('scroll', onScroll, { passive: true })
    stand.outer.addEventListener('wheel', onWheel, { passive: true })
    this.#measure()
    return () => {
      measure.disconnect()
      clearTimeout(this.#still)
      stand.outer.removeEventListener('scroll', onScroll)
      stand.outer.removeEventListener('wheel', onWheel)
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

  /** The rows were drawn. */
  drawn(): void {
    if (this.#stand === undefined || this.#view.height === 0) return
    const rows = measured(this.#stand.box)
    const { from } = this.#rows.value
    this.#view = { ...this.#view, rowHeight: averaged(rows, this.#view) }
    const anchor = this.#following.value ? endOf(this.#view) : this.#anchor
    const { top, anchor: next, again } = settled(anchor, from, rows, this.#view)
    this.#anchor = next
    this.#last = { from, rows, top }
    this.#place(this.#stand, top)
    if (again && this.#tries++ < TRIES) this.#move(next)
    else this.#tries = 0
  }

  /** Rows are as high as a line again, or wrapped. */
  rewrapped(): void {
    this.#widest = 0
    if (this.#stand !== undefined) this.#stand.box.style.minWidth = ''
    this.#view = { ...this.#view, rowHeight: this.#view.lineHeight }
    this.drawn()
  }

  #by(pixels: number): Anchor {
    return { ...this.#anchor, y: this.#anchor.y - pixels }
  }

  #move(anchor: Anchor): void {
    this.#anchor = anchor
    if (!this.#around(anchor)) this.drawn()
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
    this.#still = setTimeout(() => this.drawn(), STILL_MS)
    this.#move(scrolled(this.#anchor, { from, to }, this.#view))
  }

  /** Sizes may be others now, and so may wrapping. */
  #measure(): void {
    if (this.#stand === undefined) return
    const { outer, frame } = this.#stand
    const height = outer.clientHeight
    const lineHeight = Number.parseFloat(getComputedStyle(outer).lineHeight)
    this.#view = { ...this.#view, height, lineHeight }
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

function measured(box: HTMLElement): Drawn[] {
  const { top } = box.getBoundingClientRect()
  return [...box.children].map((row) => {
    const { top: own, height } = row.getBoundingClientRect()
    return { top: own - top, height }
  })
}
