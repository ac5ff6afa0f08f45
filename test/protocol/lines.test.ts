import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  countLines,
  dropRuns,
  fitsBytes,
  isWholeLog,
  lineOffset,
  linesOf,
  splitLine,
  takeRuns,
  trimLines,
  utf8Length,
} from '../../src/protocol/index.ts'

const text = fc.string({ unit: 'binary', maxLength: 200 })
const bytes = (value: string) => new TextEncoder().encode(value).length
const runs = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat(), fc.constantFrom('out', 'err+')), {
  maxLength: 6,
})

describe('bytes', () => {
  test('are those of UTF-8, lone surrogates included', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(utf8Length(value)).toBe(bytes(value))
      }),
    )
    expect(utf8Length('\ud800')).toBe(3)
  })

  test('fit exactly up to their number', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(fitsBytes(value, bytes(value))).toBe(true)
        expect(fitsBytes(value, bytes(value) - 1)).toBe(false)
      }),
    )
  })
})

describe('lines', () => {
  test.each([
    ['', 0],
    ['\n', 1],
    ['a', 1],
    ['a\n', 1],
    ['a\n\nb', 3],
    ['a\r\nb\n', 2],
  ])('of %j are %i', (value, count) => {
    expect(countLines(value)).toBe(count)
  })

  test.each([
    [0, 0],
    [1, 2],
    [2, 3],
    [3, 4],
    [9, 4],
  ])('after the first %i begin at %i', (count, offset) => {
    expect(lineOffset('a\n\nb', count)).toBe(offset)
  })
})

describe('a long line', () => {
  const long = fc.tuple(text, fc.integer({ min: 4, max: 20 }))

  test('is cut into pieces that make it up again, each within the bytes', () => {
    fc.assert(
      fc.property(long, ([line, most]) => {
        const pieces = splitLine(line, most)
        expect(pieces.join('')).toBe(line)
        for (const piece of pieces) expect(bytes(piece)).toBeLessThanOrEqual(most)
      }),
    )
  })

  test('is never cut inside a code point', () => {
    expect(splitLine('aé😀😀', 4)).toEqual(['aé', '😀', '😀'])
  })

  test('that fits stays whole', () => {
    expect(splitLine('abc', 4)).toEqual(['abc'])
    expect(splitLine('', 4)).toEqual([''])
  })
})

describe('runs', () => {
  test('are parted without loss', () => {
    fc.assert(
      fc.property(runs, fc.nat({ max: 20 }), (all, count) => {
        const first = takeRuns(all, count)
        const rest = dropRuns(all, count)
        expect(linesOf(first)).toBe(Math.min(count, linesOf(all)))
        expect(linesOf(first) + linesOf(rest)).toBe(linesOf(all))
        const flat = (list: typeof all) =>
          list.flatMap(([lines, ms, kind]) => Array<string>(lines).fill(`${ms} ${kind}`))
        expect([...flat(first), ...flat(rest)]).toEqual(flat(all))
      }),
    )
  })

  test('are trimmed together with their text', () => {
    const trimmed = trimLines(
      'a\nb\nc\nd\n',
      [
        [2, 0, 'out'],
        [2, 5, 'err'],
      ],
      3,
    )
    expect(trimmed).toEqual({ text: 'd\n', runs: [[1, 5, 'err']] })
    expect(isWholeLog(trimmed)).toBe(true)
  })
})
