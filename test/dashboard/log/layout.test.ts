import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Gap, Layout } from '../../../src/dashboard/pages/workflow/log/layout.ts'
import { partsOf } from './written.ts'

const sizes = fc.array(fc.record({ lines: fc.integer({ min: 1, max: 20 }), gap: fc.boolean() }), { maxLength: 20 })
const reason = 'lost'

describe('the rows of a log', () => {
  test('are its lines in order, and one for each gap, in its place', () => {
    fc.assert(
      fc.property(sizes, (given) => {
        const parts = partsOf(given)
        let layout = new Layout(parts.at(-1)?.to ?? 0, [])
        for (const part of parts.toReversed()) if (part.kind === 'gap') layout = layout.withGap(part)

        const expected = parts.flatMap((part): (number | string)[] =>
          part.kind === 'gap'
            ? [`gap ${part.from}`]
            : Array.from({ length: part.to - part.from + 1 }, (_, at) => part.from + at),
        )
        const rows = Array.from({ length: layout.count }, (_, row) => {
          const content = layout.at(row)
          return 'line' in content ? content.line : `gap ${content.gap.from}`
        })
        expect(rows).toEqual(expected)
        const places = rows.map((row) => layout.rowOf(typeof row === 'number' ? row : Number(row.slice(4))))
        expect(places).toEqual(rows.map((_, row) => row))
      }),
    )
  })

  test('end with a gap whose end nobody knows', () => {
    const layout = new Layout(3, [{ from: 4, to: null, reason }])
    expect(layout.count).toBe(4)
    expect(layout.at(3)).toEqual({ gap: { from: 4, to: null, reason } })
    expect(layout.rowOf(4)).toBe(3)
    expect(layout.rowOf(99)).toBe(3)
  })

  test('are one where there is nothing but what is missing', () => {
    const all: Gap = { from: 1, to: null, reason }
    expect(new Layout(0, [all]).count).toBe(1)
    expect(new Layout(0, [all]).at(0)).toEqual({ gap: all })
  })

  test('do not change when a gap is told twice', () => {
    const layout = new Layout(10, [{ from: 3, to: 5, reason }])
    expect(layout.withGap({ from: 3, to: 5, reason })).toBe(layout)
    expect(layout.withGap({ from: 5, to: null, reason })).toBe(layout)
  })
})
