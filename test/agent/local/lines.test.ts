import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Lines } from '../../../src/agent/local/lines.ts'
import { maskOf } from '../../../src/agent/logs/mask.ts'
import { Secrets } from '../../../src/agent/logs/secrets.ts'

const x = (count: number) => 'x'.repeat(count)
/** Stands for the echo of a command between two texts. */
const ECHO = Symbol('echo')

function collect(texts: (string | typeof ECHO)[], secrets = {}): [string, string][] {
  const written: [string, string][] = []
  const lines = new Lines('out', new Secrets(secrets), (kind, text) => written.push([kind, text]))
  for (const text of texts) {
    if (text !== ECHO) lines.push(text)
    else {
      lines.interrupt()
      written.push(['command', '+'])
    }
  }
  lines.end()
  return written
}

describe('lines', () => {
  test('are written together as they came', () => {
    expect(collect(['a\nb\nc', 'd\n'])).toEqual([
      ['out', 'a\nb\n'],
      ['out', 'cd\n'],
    ])
  })

  test('that are long but whole stay whole: the wire cuts them', () => {
    expect(collect([x(5000), `${x(5000)}\n`])).toEqual([['out', `${x(10_000)}\n`]])
  })

  test('leave at most a piece open', () => {
    expect(collect([x(8191)]).map(([kind]) => kind)).toEqual(['out'])
    expect(collect([x(8192)]).map(([kind]) => kind)).toEqual(['out+', 'out'])
  })

  test('end where the next command begins', () => {
    expect(collect(['one', ECHO, 'two'], { A: 'abcd' })).toEqual([
      ['out', 'one\n'],
      ['command', '+'],
      ['out', 'two\n'],
    ])
  })

  test('that may end in the midst of a secret wait for the rest of it', () => {
    expect(collect(['is ab', ECHO, 'cd!'], { A: 'abcd' })).toEqual([
      ['command', '+'],
      ['out', 'is ********!\n'],
    ])
    expect(collect(['is ab', ECHO, 'x'], { A: 'abcd' })).toEqual([
      ['command', '+'],
      ['out', 'is abx\n'],
    ])
    expect(collect(['is ab', ECHO], { A: 'abcd' })).toEqual([
      ['command', '+'],
      ['out', 'is ab\n'],
    ])
  })

  test('without end are masked before they are cut', () => {
    const secrets = { A: 'abcd', B: 'abcdefgh', C: 'cdcd\n🚂🚂', D: 'aaaaa' }
    const mask = maskOf(secrets)
    const part = fc.oneof(fc.constantFrom('abcd', 'efgh', 'cdcd', '🚂🚂', 'aaaaa', 'ab'), fc.nat({ max: 9000 }).map(x))
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const shown = collect(parts, secrets).map(([, piece]) => piece.trimEnd())
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
