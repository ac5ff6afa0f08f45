import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Lines } from '../../../src/agent/local/lines.ts'
import { MARK_DIGITS, newMark } from '../../../src/agent/local/script.ts'
import { Seams } from '../../../src/agent/local/seams.ts'
import { Segments, type Token } from '../../../src/agent/local/segments.ts'
import { maskOf } from '../../../src/agent/logs/mask.ts'

const MARK = newMark()
const x = (count: number) => 'x'.repeat(count)
const markOf = (number: number) => `${MARK}${String(number).padStart(MARK_DIGITS, '0')}\n`

/** Pushes the bytes in these pieces and joins neighbouring texts. */
function cut(bytes: Buffer, pieces: number[], commands = 10): Token[] {
  const segments = new Segments(MARK, commands)
  const tokens: Token[] = []
  let from = 0
  for (const size of [...pieces, bytes.length]) {
    tokens.push(...segments.push(bytes.subarray(from, from + size)))
    from = Math.min(bytes.length, from + size)
  }
  return [...tokens, ...segments.end()].reduce<Token[]>((all, token) => {
    const last = all.at(-1)
    if (typeof last === 'string' && typeof token === 'string') all[all.length - 1] = last + token
    else all.push(token)
    return all
  }, [])
}

describe('segments', () => {
  test('cut at the marks', () => {
    const bytes = Buffer.from(`a\n${markOf(0)}${markOf(1)}b${markOf(2)}`)
    expect(cut(bytes, [])).toEqual(['a\n', 0, 1, 'b', 2])
  })

  test('end a character that a mark interrupts', () => {
    const bytes = Buffer.concat([Buffer.from([0xe2, 0x82]), Buffer.from(`${markOf(0)}x`)])
    expect(cut(bytes, [])).toEqual(['\uFFFD', 0, 'x'])
  })

  test('take what is no mark of this step as text', () => {
    const text = `${MARK}12x4\n${MARK}0010\n${MARK.slice(0, 20)}\n${MARK}`
    expect(cut(Buffer.from(text), [])).toEqual([text])
  })

  test('come out the same however the reads fall', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('€', '\n', '🚂', MARK.slice(0, 9), MARK),
      fc.nat({ max: 9 }),
    )
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.integer({ min: 1, max: 50 })), (parts, sizes) => {
        const bytes = Buffer.from(parts.map((item) => (typeof item === 'number' ? markOf(item) : item)).join(''))
        expect(cut(bytes, sizes)).toEqual(cut(bytes, []))
      }),
    )
  })
})

describe('lines', () => {
  const collect = (texts: string[], secrets = {}): [string, string][] => {
    const written: [string, string][] = []
    const lines = new Lines('out', new Seams(secrets), (kind, text) => written.push([kind, text]))
    for (const text of texts) lines.push(text)
    lines.end()
    return written
  }

  test('are written together as they came', () => {
    expect(collect(['a\nb\nc', 'd\n'])).toEqual([
      ['out', 'a\nb\n'],
      ['out', 'cd\n'],
    ])
  })

  test('that are long but whole stay whole: they are cut after they were masked', () => {
    expect(collect([x(5000), `${x(5000)}\n`])).toEqual([['out', `${x(10_000)}\n`]])
  })

  test('leave at most a piece and the longest secret open', () => {
    expect(collect([x(8191)]).map(([kind]) => kind)).toEqual(['out'])
    expect(collect([x(8192)]).map(([kind]) => kind)).toEqual(['out+', 'out'])
    expect(collect([x(8195)], { A: 'abcd' }).map(([kind]) => kind)).toEqual(['out'])
    expect(collect([x(8196)], { A: 'abcd' }).map(([kind]) => kind)).toEqual(['out+', 'out'])
  })

  test('without end show no secret to a mask that sees one piece at a time', () => {
    const secrets = { A: 'abcd', B: 'abcdefgh', C: 'cdcd\n🚂🚂', D: 'aaaaa' }
    const mask = maskOf(secrets)
    const part = fc.oneof(fc.constantFrom('abcd', 'efgh', 'cdcd', '🚂🚂', 'aaaaa', 'ab'), fc.nat({ max: 9000 }).map(x))
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const shown = collect(parts, secrets).map(([, piece]) => mask(piece).trimEnd())
        expect(shown.join('')).toBe(mask(parts.join('')))
      }),
    )
  })

  test('lose nothing and break no character', () => {
    const long = fc.tuple(fc.constantFrom('x', 'é', '€', '🚂'), fc.nat({ max: 20_000 })).map(([c, n]) => c.repeat(n))
    const text = fc
      .array(fc.oneof(long, fc.constantFrom('\n', 'a', '\r\n')), { maxLength: 8 })
      .map((all) => all.join(''))
    fc.assert(
      fc.property(text, fc.nat({ max: 40_000 }), (whole, at) => {
        fc.pre(!/[\uD800-\uDBFF]$/.test(whole.slice(0, at)))
        const written = collect([whole.slice(0, at), whole.slice(at)])
        expect(written.every(([, lines]) => lines.endsWith('\n') && Buffer.from(lines).toString() === lines)).toBe(true)
        const sizes = written.filter(([kind]) => kind === 'out+').map(([, piece]) => Buffer.byteLength(piece))
        expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(8192)
        const joined = written.map(([kind, lines]) => (kind === 'out+' ? lines.slice(0, -1) : lines)).join('')
        expect(joined).toBe(whole === '' || whole.endsWith('\n') ? whole : `${whole}\n`)
      }),
      { numRuns: 50 },
    )
  })
})
