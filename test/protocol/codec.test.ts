import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CloseError,
  decodeEach,
  encode,
  FRAMES,
  type Frame,
  frameText,
  MESSAGE,
  type Receives,
} from '../../src/protocol/index.ts'
import { FRAME_TYPES, frameOf } from './arbitrary.ts'

function decode(text: string, receives: Receives = 'server', maxBytes: number = MESSAGE.helloBytes): Frame[] {
  const frames: Frame[] = []
  decodeEach(text, { receives, maxBytes }, (frame) => frames.push(frame))
  return frames
}

function refusal(text: string, receives: Receives = 'server', maxBytes?: number): { code: number; reason: string } {
  try {
    decode(text, receives, maxBytes)
  } catch (error) {
    if (error instanceof CloseError) return { code: error.code, reason: error.reason }
    throw error
  }
  throw new Error('it was accepted')
}

const receiverOf = (frame: Frame): Receives => (FRAMES[frame.type].from === 'server' ? 'server' : 'agent')
const credit = (limit: number): Frame => ({ type: 'credit', limit })

describe('a message', () => {
  test.each(FRAME_TYPES)('brings a %s frame back as it was', (type) => {
    fc.assert(
      fc.property(frameOf(type), (frame) => {
        expect(decode(encode([frame]), receiverOf(frame))).toEqual([withoutMinusZero(frame)])
      }),
      { numRuns: 40 },
    )
  })

  test('of several frames brings them in order', () => {
    expect(decode(encode([credit(1), credit(2), credit(3)]))).toEqual([credit(1), credit(2), credit(3)])
  })

  test('is refused whole when over the limit, counted in UTF-8 bytes', () => {
    const text = JSON.stringify({ type: 'bye', afterMs: 1, reason: 'ü'.repeat(100) })
    const bytes = new TextEncoder().encode(text).length
    expect(decode(text, 'server', bytes)).toHaveLength(1)
    expect(refusal(text, 'server', bytes - 1)).toMatchObject({ code: 1009 })
  })

  test.each([
    ['no JSON', '{"type":'],
    ['an empty text', ''],
    ['a number', '7'],
    ['null', 'null'],
    ['a string', '"credit"'],
    ['an empty batch', '[]'],
    ['a batch in a batch', '[[{"type":"credit","limit":1}]]'],
    ['a frame without type', '{"limit":1}'],
    ['a frame of unknown type', '{"type":"credits","limit":1}'],
    ['a missing field', '{"type":"credit"}'],
    ['a field of the wrong type', '{"type":"credit","limit":"1"}'],
    ['a key nobody has agreed on', '{"type":"credit","limit":1,"more":true}'],
    ['a negative count', '{"type":"credit","limit":-1}'],
    ['a fraction', '{"type":"credit","limit":1.5}'],
    ['a number that lost digits', '{"type":"credit","limit":9007199254740993}'],
  ])('that is %s closes with 4502', (_, text) => {
    expect(refusal(text)).toMatchObject({ code: 4502 })
  })

  test('over 256 frames is refused before any of them happens', () => {
    const frames = Array.from({ length: MESSAGE.frames + 1 }, () => credit(1))
    const seen: Frame[] = []
    const read = () => decodeEach(encode(frames), { receives: 'server', maxBytes: 1e6 }, (frame) => seen.push(frame))
    expect(read).toThrow(CloseError)
    expect(seen).toEqual([])
    expect(decode(encode(frames.slice(1)))).toHaveLength(MESSAGE.frames)
  })

  test('has delivered the frames before a bad one', () => {
    const seen: Frame[] = []
    const text = `[${frameText(credit(1))},${frameText(credit(2))},{"type":"credit"},${frameText(credit(3))}]`
    const read = () => decodeEach(text, { receives: 'server', maxBytes: 1e6 }, (frame) => seen.push(frame))
    expect(read).toThrow(CloseError)
    expect(seen).toEqual([credit(1), credit(2)])
  })

  test('may carry keys of a later version in a hello, and nowhere else', () => {
    const hello = { type: 'hello', versions: [1], features: [], boot: 'b', dial: 1, claims: [] }
    const agent = { name: 'a', version: '1', platform: 'linux/amd64', backend: 'local', capacity: 1, labels: {} }
    const text = JSON.stringify({ ...hello, later: 1, agent: { ...agent, later: 1 } })
    expect(decode(text, 'client')).toEqual([{ ...hello, agent }])
    expect(refusal('{"type":"ping","later":1}')).toMatchObject({ code: 4502 })
  })
})

describe('a frame', () => {
  const ends: Receives[] = ['client', 'agent', 'server']
  test.each(FRAME_TYPES)('of type %s is taken only from whom the table names', (type) => {
    const accepted = { client: ['client'], agent: ['client', 'agent'], server: ['server'] }
    const [frame] = fc.sample(frameOf(type), { numRuns: 1, seed: 1 })
    const { from } = FRAMES[type]
    for (const end of ends) {
      const may = from === 'both' || accepted[end].includes(from)
      const text = encode(frame === undefined ? [] : [frame])
      if (may) expect(decode(text, end)).toHaveLength(1)
      else expect(refusal(text, end)).toMatchObject({ code: 4502 })
    }
  })

  test.each([
    ['deeper than 24', `{"type":"request","id":1,"method":"m","params":${'['.repeat(24)}${']'.repeat(24)}}`],
    ['of over 10,000 values', `{"type":"request","id":1,"method":"m","params":[${'0,'.repeat(10_000)}0]}`],
  ])('%s is refused', (_, text) => {
    expect(refusal(text, 'agent')).toMatchObject({ code: 4502 })
  })

  test('at the limits of depth and number is taken', () => {
    const deep = `{"type":"request","id":1,"method":"m","params":${'['.repeat(23)}${']'.repeat(23)}}`
    const wide = `{"type":"request","id":1,"method":"m","params":[${'0,'.repeat(9_994)}0]}`
    expect(decode(deep, 'agent')).toHaveLength(1)
    expect(decode(wide, 'agent')).toHaveLength(1)
  })

  test.each([
    ['more lines than its runs say', 'a\nb\n', [[1, 0, 'out']]],
    ['fewer lines than its runs say', 'a\n', [[2, 0, 'out']]],
    ['a last line without end', 'a\nb', [[2, 0, 'out']]],
    ['over 16 KiB of bytes, though not of characters', `${'ü'.repeat(9000)}\n`, [[1, 0, 'out']]],
    ['over 1,000 lines', '\n'.repeat(1001), [[1001, 0, 'out']]],
    ['over 500 runs', '\n'.repeat(501), Array(501).fill([1, 0, 'out'])],
    ['no run', 'a\n', []],
    ['a kind nobody knows', 'a\n', [[1, 0, 'stdout']]],
    ['a run of two', 'a\n', [[1, 0]]],
    ['a run of four', 'a\n', [[1, 0, 'out', 1]]],
    [
      'a run of no line',
      'a\n',
      [
        [1, 0, 'out'],
        [0, 0, 'out'],
      ],
    ],
  ])('of a log with %s is refused', (_, text, runs) => {
    const frame = JSON.stringify({ type: 'log', lease: 'l', stepId: 's', from: 1, text, runs })
    expect(refusal(frame, 'agent')).toMatchObject({ code: 4502 })
  })

  test('that broke a rule is refused with a reason of at most 123 bytes', () => {
    const keys = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`ключ${at}`, 1]))
    const { reason } = refusal(JSON.stringify({ type: 'credit', limit: 1, ...keys }))
    expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(123)
  })
})

/** JSON has no −0. */
function withoutMinusZero(value: unknown): unknown {
  if (value === 0) return 0
  if (Array.isArray(value)) return value.map(withoutMinusZero)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutMinusZero(item)]))
}
