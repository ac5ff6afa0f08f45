import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Blocks } from '../../../src/dashboard/pages/workflow/log/blocks.ts'
import { linesPart, lineText } from './written.ts'

const range = fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 40 }))

describe('the lines that are held of a log', () => {
  test('are those that were added, each with its own text, time and kind, however they overlap', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 30 }), (ranges) => {
        const blocks = new Blocks()
        const added = new Set<number>()
        for (const [from, more] of ranges) {
          blocks.add(linesPart(from, from + more))
          for (let number = from; number <= from + more; number++) added.add(number)
        }
        const numbers = Array.from({ length: 250 }, (_, at) => at + 1)
        const line = (number: number) => ({ number, ms: number * 10, kind: 'out', text: lineText(number), colours: '' })
        expect(numbers.map((number) => blocks.line(number))).toEqual(
          numbers.map((number) => (added.has(number) ? line(number) : undefined)),
        )
      }),
    )
  })

  test('never cost more than the bound, but what is shown stays', () => {
    fc.assert(
      fc.property(fc.array(range, { maxLength: 60 }), ([...ranges]) => {
        const most = 6000
        const blocks = new Blocks(most)
        blocks.keep({ from: 1, to: 10 })
        blocks.add(linesPart(1, 10))
        for (const [from, more] of ranges) {
          blocks.add(linesPart(from + 20, from + 20 + more))
          expect(blocks.cost).toBeLessThanOrEqual(most)
          expect(blocks.line(10)?.text).toBe(lineText(10))
        }
      }),
    )
  })

  test('that were read last stay longest', () => {
    const blocks = new Blocks(20_000)
    const far = (index: number) => index * 1000
    for (let index = 1; index <= 12; index++) {
      blocks.add(linesPart(far(index), far(index) + 100))
      blocks.line(far(1))
    }
    expect(blocks.line(far(1))?.number).toBe(far(1))
    expect(blocks.line(far(2))).toBeUndefined()
    expect(blocks.line(far(12))?.number).toBe(far(12))
  })

  test('have the colours that lines before them did not end', () => {
    const blocks = new Blocks()
    const text = 'a\x1b[31;1m\nb\x1b[22m\nc\x1b[0m\nd\n'
    blocks.add({ from: 1, to: 4, text, runs: [[4, 0, 'out']] })
    const colours = [1, 2, 3, 4].map((number) => blocks.line(number)?.colours)
    expect(colours).toEqual(['', '\x1b[31m\x1b[1m', '\x1b[31m', ''])
  })
})
