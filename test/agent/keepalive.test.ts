import { expect, test } from 'vitest'
import { Keepalive } from '../../src/agent/keepalive.ts'
import { CLOSE, type Log } from '../../src/protocol/index.ts'
import { FakeClock } from '../support/fake-clock.ts'

const HEARTBEAT_MS = 15_000
const MINUTE = 60_000

/** A connection that ended after so much silence, and whether the dial after it found somebody. */
interface Life {
  quietMs: number
  code?: number
  found?: boolean
}

const cut = (quietMs: number, more: Omit<Life, 'quietMs'> = {}): Life => ({ quietMs, ...more })

/** How often it pings after these lives, a minute apart, and what it has said. */
async function after(
  lives: readonly Life[],
  apartMs = MINUTE,
): Promise<{ pingMs: number | undefined; said: string[] }> {
  const clock = new FakeClock()
  const said: string[] = []
  const say = (_fields: object, text: string) => void said.push(text)
  const log: Log = { info: say, warn: say, error: say }
  const keepalive = new Keepalive(clock, log)
  for (const { quietMs, code = 1006, found = true } of lives) {
    await clock.advance(apartMs)
    keepalive.ended({ code, quietMs, heartbeatMs: HEARTBEAT_MS })
    if (!found) keepalive.unreachable()
    keepalive.opened()
  }
  return { pingMs: keepalive.pingMs, said }
}

const three = (quietMs: number, more: Omit<Life, 'quietMs'> = {}) => Array<Life>(3).fill(cut(quietMs, more))

test.each<[what: string, lives: Life[], pingMs: number | undefined]>([
  ['no cut', [], undefined],
  ['two cuts', [cut(8_000), cut(8_000)], undefined],
  ['three cuts at one age', three(8_000), 5_000],
  ['three cuts at about one age', [cut(8_000), cut(8_900), cut(9_500)], 5_000],
  ['three cuts at any age', [cut(4_000), cut(8_000), cut(13_000)], undefined],
  ['an accident before three cuts at one age', [cut(3_000), ...three(10_000)], 6_000],
  ['a busy cut among three quiet ones', [cut(8_000), cut(20), cut(8_000), cut(8_000)], 5_000],
  ['three cuts of busy connections', three(1_500), undefined],
  ['three cuts at the least age', three(2_000), 1_000],
  ['three cuts at the age of the server’s pings', three(15_000), 9_000],
  ['three ends of a silence that no ping had broken', three(25_000), undefined],
  ['three goodbyes', three(8_000, { code: CLOSE.restart }), undefined],
  ['three times it gave up itself', three(8_000, { code: CLOSE.heartbeat }), undefined],
  ['three cuts after which nobody was there', three(8_000, { found: false }), undefined],
  ['three more, earlier', [...three(12_000), ...three(5_000)], 3_000],
  ['three more, later', [...three(5_000), ...three(12_000)], 3_000],
])('%s', async (_what, lives, pingMs) => {
  expect((await after(lives)).pingMs).toBe(pingMs)
})

test('cuts that lie hours apart have nothing to do with each other', async () => {
  expect((await after(three(8_000), 60 * MINUTE)).pingMs).toBeUndefined()
  expect((await after(three(8_000), 29 * MINUTE)).pingMs).toBe(5_000)
})

test('it says once what it has learned', async () => {
  const { said } = await after([...three(8_000), ...three(8_000)])
  expect(said).toEqual([
    'something between here and there cuts a quiet connection after 8 s, three times now; pinging every 5 s from now on',
  ])
})
