import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBySchema, readFrame } from '../../src/protocol/codec.ts'
import {
  CloseError,
  decodeEach,
  FRAMES,
  type Frame,
  frameText,
  MESSAGE,
  type Receives,
} from '../../src/protocol/index.ts'
import { walkProblem } from '../../src/protocol/walk.ts'
import { anyFrame, frameOf } from './arbitrary.ts'

describe('the fast path', () => {
  const parts = fc.oneof(
    fc.constantFrom<unknown>(0, 1, -1, 1.5, 2 ** 53, '', 'a', 'a b', 'x'.repeat(200), null, true, [], {}),
    fc.jsonValue(),
  )
  const hot = fc.oneof(frameOf('request'), frameOf('response'), frameOf('log'))
  const mutated = fc
    .tuple(
      hot,
      fc.constantFrom(
        'id',
        'method',
        'params',
        'key',
        'timeoutMs',
        'result',
        'lease',
        'from',
        'text',
        'runs',
        'more',
        'constructor',
      ),
      fc.option(parts),
    )
    .map(([frame, key, value]) => {
      const { [key]: _, ...rest } = frame as Record<string, unknown>
      return value === null ? rest : { ...rest, [key]: value }
    })

  test('accepts what the schema accepts and refuses what it refuses', () => {
    const outcome = (read: () => Frame) => {
      try {
        return read()
      } catch (error) {
        return error instanceof CloseError ? 'refused' : error
      }
    }
    fc.assert(
      fc.property(fc.oneof(hot, mutated), (value) => {
        const frame = value as Frame
        const receives = frame.type === 'response' ? 'server' : 'agent'
        const slow = outcome(() => readBySchema(frame, FRAMES[frame.type].schema))
        const fast = outcome(() => readFrame(frame, receives))
        // The walk comes before the schema, which knows nothing of forbidden keys.
        expect(fast).toEqual(walkProblem(frame, MESSAGE.nodes) === undefined ? slow : 'refused')
      }),
      { numRuns: 2000 },
    )
  })
})

describe('whatever comes', () => {
  const ends: Receives[] = ['client', 'agent', 'server']
  const onlyCloseErrors = (text: string): void => {
    for (const receives of ends) {
      try {
        decodeEach(text, { receives, maxBytes: MESSAGE.helloBytes }, () => {})
      } catch (error) {
        expect(error).toBeInstanceOf(CloseError)
      }
    }
  }

  test('arbitrary JSON throws nothing but a CloseError', () => {
    fc.assert(fc.property(fc.json(), onlyCloseErrors), { numRuns: 500 })
  })

  test('arbitrary text throws nothing but a CloseError', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), onlyCloseErrors), { numRuns: 300 })
  })

  test('a frame with one byte changed throws nothing but a CloseError', () => {
    const changed = fc.tuple(
      anyFrame,
      fc.nat(),
      fc.constantFrom('"', '{', ']', '0', '-', '\\', ',', '9', 'e', '\u0000'),
    )
    fc.assert(
      fc.property(changed, ([frame, at, char]) => {
        const text = frameText(frame)
        const place = at % text.length
        onlyCloseErrors(text.slice(0, place) + char + text.slice(place + 1))
      }),
      { numRuns: 500 },
    )
  })

  test('a frame with one field replaced throws nothing but a CloseError', () => {
    const replaced = fc.tuple(anyFrame, fc.nat(), fc.jsonValue({ maxDepth: 4 }))
    fc.assert(
      fc.property(replaced, ([frame, at, value]) => {
        const object = JSON.parse(frameText(frame)) as Record<string, unknown>
        const keys = Object.keys(object)
        object[keys[at % keys.length] ?? 'type'] = value
        onlyCloseErrors(JSON.stringify(object))
      }),
      { numRuns: 500 },
    )
  })
})
