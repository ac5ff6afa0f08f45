import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
} from '../../../src/dashboard/pages/workflow/log/window.ts'

const view = (count: number, rowHeight = 20): View => ({ count, lineHeight: 20, rowHeight, height: 600 })

/** Draws as the page does, with rows of any heights, until nothing is beyond an end. */
function drawn(anchor: Anchor, of: View, heightOf: (row: number) => number = () => 20) {
  let now = anchor
  for (let tries = 0; tries < 5; tries++) {
    const { from, to } = rowsAround(now, of)
    const rows: Drawn[] = []
    for (let row = from; row < to; row++) {
      const before = rows.at(-1)
      rows.push({ top: before === undefined ? 0 : before.top + before.height, height: heightOf(row) })
    }
    const { top, anchor: next, again } = settled(now, from, rows, of)
    const topOf = (row: number) => top + (rows[row - from]?.top ?? Number.NaN)
    const last = rows.at(-1)
    if (!again)
      return { anchor: next, from, to, topOf, bottom: top + (last === undefined ? 0 : last.top + last.height) }
    now = next
  }
  throw new Error('it did not come to rest')
}

describe('a window over rows of one height, below the limit', () => {
  test('shows exactly what a page that scrolls by itself would', () => {
    fc.assert(
      fc.property(fc.integer({ min: 31, max: 300_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (count, share) => {
        const of = view(count)
        const scrollTop = Math.round(share * scrollRange(of))
        const { from, topOf } = drawn(scrolled(START, { from: 0, to: scrollTop }, of), of)
        const isAtEnd = scrollTop >= scrollRange(of) - 1
        expect(topOf(from)).toBeCloseTo(from * 20 - (isAtEnd ? scrollRange(of) : scrollTop), 3)
      }),
    )
  })

  test('does not move what is read when more comes below', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 10_000 }), fc.integer({ min: 1, max: 5000 }), (count, more) => {
        const before = drawn(scrolled(START, { from: 0, to: 700 }, view(count)), view(count))
        const after = drawn(before.anchor, view(count + more))
        expect(after.topOf(40)).toBeCloseTo(before.topOf(40), 3)
        expect(scrollTopOf(after.anchor, view(count + more))).toBeCloseTo(700, 3)
      }),
    )
  })
})

describe('a window over rows of any heights and numbers', () => {
  const counts = fc.integer({ min: 1, max: 5_000_000 })
  const heights = fc
    .integer({ min: 0, max: 12 })
    .map((seed) => (row: number) => 20 * (1 + ((row * 7 + seed) % (seed + 1))))

  test('fills the window, and goes nowhere beyond the ends', () => {
    fc.assert(
      fc.property(
        counts,
        heights,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: -700, max: 700 }),
        (count, heightOf, share, by) => {
          const of = view(count)
          const first = drawn({ place: share * count, y: share * 600 }, of, heightOf)
          const { from, to, topOf, bottom } = drawn({ ...first.anchor, y: first.anchor.y + by }, of, heightOf)
          expect(topOf(from)).toBeLessThanOrEqual(0.001)
          if (from > 0 || to < count) expect(bottom).toBeGreaterThanOrEqual(599.999)
        },
      ),
    )
  })

  test('is exact at both ends', () => {
    fc.assert(
      fc.property(counts, heights, (count, heightOf) => {
        const of = view(count)
        const start = drawn(scrolled({ place: 7, y: 3 }, { from: 9, to: 0 }, of), of, heightOf)
        expect(start.from).toBe(0)
        expect(start.topOf(0)).toBe(0)
        const end = drawn(endOf(of), of, heightOf)
        expect(end.to).toBe(count)
        if (end.from > 0) expect(end.bottom).toBeCloseTo(600, 6)
        expect(scrollTopOf(end.anchor, of)).toBeCloseTo(end.anchor === START ? 0 : scrollRange(of), 3)
      }),
    )
  })

  test('moves by pixels when a key says so, and back to where it was', () => {
    fc.assert(
      fc.property(
        heights,
        fc.integer({ min: 1000, max: 4_000_000 }),
        fc.integer({ min: -400, max: 100 }),
        (heightOf, place, by) => {
          const of = view(5_000_000)
          const before = drawn({ place, y: 100 }, of, heightOf)
          const there = drawn({ ...before.anchor, y: before.anchor.y - by }, of, heightOf)
          expect(there.topOf(place)).toBeCloseTo(100 - by, 3)
          const back = drawn({ ...there.anchor, y: there.anchor.y + by }, of, heightOf)
          expect(back.topOf(place)).toBeCloseTo(100, 3)
        },
      ),
    )
  })

  test('draws no more rows than a few windows hold, and makes no element too high', () => {
    fc.assert(
      fc.property(counts, fc.double({ min: 0, max: 1, noNaN: true }), (count, share) => {
        const { from, to } = rowsAround({ place: share * count, y: share * 600 }, view(count))
        expect(to - from).toBeLessThanOrEqual(60)
        expect(innerHeight(view(count, 300))).toBeLessThanOrEqual(8_000_000)
      }),
    )
  })

  test('reaches the end of a few rows that are wrapped to more than the window', () => {
    const rows = Array.from({ length: 20 }, (_, row) => ({ top: row * 200, height: 200 }))
    const of = { ...view(20), rowHeight: averaged(rows, view(20)) }
    expect(innerHeight(of)).toBe(4000)
    const end = drawn(scrolled(START, { from: 0, to: scrollRange(of) }, of), of, () => 200)
    expect(end.topOf(19)).toBeCloseTo(400, 3)
  })
})
