import fc from 'fast-check'
import superjson from 'superjson'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { frameText, METHODS, readRich, richText } from '../../src/protocol/index.ts'
import { isPlain } from '../../src/protocol/plain.ts'
import { arbitraryOf, METHOD_NAMES } from './arbitrary.ts'

const leaf = fc.oneof(
  fc.date({ noInvalidDate: true }),
  fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n }),
  fc.constant(undefined),
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
)
const key = fc
  .string({ minLength: 1, maxLength: 5 })
  .filter((name) => !['__proto__', 'constructor', 'prototype'].includes(name))
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
}))

const travel = (thing: unknown, schema?: z.ZodType): unknown => readRich(JSON.parse(richText(thing, schema)))

describe('a rich value', () => {
  test('comes back with its dates, bigints and undefineds, whatever its keys', () => {
    fc.assert(
      fc.property(value, (thing) => {
        expect(travel(thing)).toEqual(thing)
      }),
      { numRuns: 500 },
    )
  })

  test('may hold one object in two places', () => {
    const labels = { os: 'linux', at: new Date(0) }
    expect(travel({ a: labels, b: labels })).toEqual({ a: labels, b: labels })
  })

  test.each([
    ['an expression', { a: /x/ }],
    ['a map', { a: new Map() }],
    ['a set', { a: new Set() }],
    ['a number that JSON has not', { a: Number.NaN }],
    ['a bigint too long to take', { a: 10n ** 20n }],
  ])('with %s is not sent', (_, thing) => {
    expect(() => richText(thing)).toThrow('not for the wire')
  })
})

describe('a plain schema', () => {
  test.each(METHOD_NAMES.filter((name) => METHODS[name].values === 'plain'))(
    'is that of the result of %s, whose values superjson would leave as they are',
    (name) => {
      const schema: z.ZodType = METHODS[name].result
      expect(isPlain(schema)).toBe(true)
      fc.assert(
        fc.property(arbitraryOf(schema), (result) => {
          expect(JSON.parse(richText(result, schema))).toEqual(JSON.parse(JSON.stringify(superjson.serialize(result))))
        }),
        { numRuns: 30 },
      )
    },
  )

  test.each(METHOD_NAMES.filter((name) => METHODS[name].values === 'rich'))(
    'is not that of the result of %s, which travels with its dates',
    (name) => {
      const schema: z.ZodType = METHODS[name].result
      expect(isPlain(schema)).toBe(false)
      fc.assert(
        fc.property(arbitraryOf(schema), (result) => {
          expect(travel(result, schema)).toEqual(result)
        }),
        { numRuns: 30 },
      )
    },
  )

  test.each([
    ['a date', z.date()],
    ['a bigint', z.bigint()],
    ['a float, which may be infinite', z.number()],
    ['anything', z.unknown()],
    ['a date in an optional list of a union', z.union([z.string(), z.array(z.date()).optional()])],
    ['a transformed value', z.string().transform((text) => new Date(text))],
  ])('is not one of %s', (_, schema) => {
    expect(isPlain(schema)).toBe(false)
  })
})

test('an event for a thousand subscribers is encoded once', () => {
  let looks = 0
  const data = {
    kind: 'removed' as const,
    version: 1,
    get id() {
      looks++
      return 'x'
    },
  }
  for (let at = 0; at < 1000; at++) frameText({ type: 'event', subscription: `s${at}`, offset: at, data })
  expect(looks).toBe(1)
})
