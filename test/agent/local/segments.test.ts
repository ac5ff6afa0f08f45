import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MARK_DIGITS, newMark } from '../../../src/agent/local/script.ts'
import { Segments, type Token } from '../../../src/agent/local/segments.ts'

const MARK = newMark()
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
