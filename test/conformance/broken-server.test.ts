import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SERVER_RULES, tryServer } from '../../src/conformance/index.ts'
import { type Here, serveHere } from './house.ts'
import { about, Liar, type Lie, type Passing } from './liar.ts'

/** Our own server, seen through somebody who falsifies one thing. */

const error = (code: string, instead: string) =>
  about('error', (frame) => {
    const body = frame.error as Record<string, unknown>
    return body.code === code ? { ...frame, error: { ...body, code: instead } } : frame
  })
const onlyFirst = (type: string) => () => {
  let seen = 0
  return (frame: Passing) => (frame.type === type && ++seen > 1 ? [] : [frame])
}

const FAULTS: [rule: keyof typeof SERVER_RULES, what: string, lie: Lie][] = [
  ['welcome', 'numbers all connections alike', { down: about('welcome', (frame) => ({ ...frame, connection: 7 })) }],
  [
    'frames',
    'adds a key of its own',
    { down: about('welcome', (frame) => (frame.agent ? { ...frame, surprise: 1 } : frame)) },
  ],
  ['secondHello', 'closes with another code', { close: (code) => (code === 4502 ? 4000 : code) }],
  ['version', 'takes every version', { up: about('hello', (frame) => ({ ...frame, versions: [1] })) }],
  ['envelope', 'closes with another code', { close: (code) => (code === 4502 ? 1002 : code) }],
  ['answers', 'answers twice', { down: () => (frame) => (frame.type === 'response' ? [frame, frame] : [frame]) }],
  ['forbidden', 'names another reason', { down: error('forbidden', 'internal') }],
  ['capacity', 'names another reason', { down: error('busy', 'rate_limited') }],
  ['lease', 'tells foreign leases from others', { down: error('stale_lease', 'not_found') }],
  ['done', 'does not know a repeat', { down: error('already_done', 'stale_lease') }],
  ['newest', 'lets the older stay away in peace', { close: (code) => (code === 4504 ? 4000 : code) }],
  ['otherBoot', 'says no goodbye', { down: about('bye', () => undefined) }],
  ['stored', 'acknowledges nothing', { down: about('stored', () => undefined) }],
  ['hole', 'asks for nothing again', { down: about('stored', ({ rewind: _, ...frame }) => frame) }],
  ['cancel', 'says it once', { down: onlyFirst('cancel') }],
  ['revoke', 'does not say it', { down: about('revoke', () => undefined) }],
]

let server: Here

beforeAll(async () => {
  server = await serveHere()
}, 60_000)
afterAll(() => server.close())

describe('a server is told what it does wrong', () => {
  test('by as many rules as there are faults here', () => {
    expect(new Set(FAULTS.map(([rule]) => rule)).size).toBe(FAULTS.length)
  })

  test.concurrent.each(FAULTS)('%s: it %s', { timeout: 240_000 }, async (rule, _, lie) => {
    const liar = await Liar.before(server.url, lie)
    try {
      const only = [SERVER_RULES[rule].id, ...(rule === 'frames' ? [SERVER_RULES.helloKeys.id] : [])]
      const verdicts = await tryServer({ url: liar.url, token: server.token, only })
      const verdict = verdicts.find(({ id }) => id === SERVER_RULES[rule].id)
      expect(verdict).toMatchObject({ verdict: 'fail', expected: expect.any(String) })
    } finally {
      await liar.close()
    }
  })
})
