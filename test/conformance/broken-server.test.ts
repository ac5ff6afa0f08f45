import { beforeAll, describe, expect, test } from 'vitest'
import { SERVER_RULES, tryServer, type Verdict } from '../../src/conformance/index.ts'
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

async function trial(server: Here, rule: keyof typeof SERVER_RULES, lie: Lie): Promise<Verdict | undefined> {
  const liar = await Liar.before(server.url, lie)
  try {
    const { id } = SERVER_RULES[rule]
    const only = [id, ...(rule === 'frames' ? [SERVER_RULES.helloKeys.id] : [])]
    const verdicts = await tryServer({ url: liar.url, token: server.token, only })
    return verdicts.find((verdict) => verdict.id === id)
  } finally {
    await liar.close()
  }
}

describe('a server is told what it does wrong', () => {
  const verdicts = new Map<string, Verdict | undefined>()

  // All at once: most of a trial is waiting for what does not come.
  beforeAll(async () => {
    const server = await serveHere()
    await Promise.all(FAULTS.map(async ([rule, , lie]) => verdicts.set(rule, await trial(server, rule, lie))))
    await server.close()
  }, 600_000)

  test.each(FAULTS)('%s: it %s', (rule) => {
    expect(verdicts.get(rule)).toMatchObject({ verdict: 'fail', expected: expect.any(String) })
  })
})
