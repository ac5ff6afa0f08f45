import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { silentLog } from '../../../src/protocol/index.ts'
import { app } from '../../../src/server/http/app.ts'
import { Door } from '../../../src/server/http/door.ts'
import { Gate } from '../../../src/server/http/gate.ts'
import { Origins } from '../../../src/server/http/login/origins.ts'
import { Pages } from '../../../src/server/http/login/pages.ts'
import { roomLimits } from '../../../src/server/http/room.ts'
import { Trusted } from '../../../src/server/http/trusted.ts'
import { refusalPast, whenceOf } from '../../../src/server/http/whence.ts'
import { openHouse } from '../support/house.ts'
import { UPGRADE } from '../support/served.ts'

/** Asks as if from this address, of a server in the clear that trusts these proxies: no test listens beyond this machine. */
async function asked(from: string, trust: readonly string[]) {
  const { core, store, clock } = await openHouse()
  const gate = new Gate({ store, refusals: core.refusals, clock, closed: () => undefined })
  const trusted = new Trusted(trust)
  const pages = new Pages(new Origins([]))
  const incoming = incomingFrom(from)
  const api = app({ core, gate, pages, trusted, health: { notReady: async () => undefined } })
  const door = new Door({
    gate,
    pages,
    trusted,
    clock,
    metrics: core.metrics,
    log: silentLog,
    limits: roomLimits({}),
    enter: () => {},
  })
  return {
    get: async (path: string) => (await api.request(path, {}, { incoming })).status,
    upgrade: async () => {
      const [ours, theirs] = [new PassThrough(), new PassThrough()]
      door.knock(incoming, Object.assign(ours, { end: (answer: string) => theirs.end(answer) }), Buffer.alloc(0))
      return Number((await text(theirs)).split(' ')[1])
    },
  }
}

describe('a server in the clear that a proxy stands in front of', () => {
  test('refuses who comes past it, by either door, before any credential is looked at', async () => {
    const stranger = await asked('192.0.2.9', ['10.0.0.2'])
    expect([await stranger.get('/api/queue'), await stranger.get('/metrics'), await stranger.upgrade()]).toEqual([
      403, 403, 403,
    ])
  })

  test('tells a probe from anywhere how it is', async () => {
    const stranger = await asked('192.0.2.9', ['10.0.0.2'])
    expect([await stranger.get('/healthz'), await stranger.get('/readyz')]).toEqual([200, 200])
  })

  test.each([
    ['the proxy', '10.0.0.2', ['10.0.0.2'], {}],
    ['this machine', '127.0.0.1', ['10.0.0.2'], {}],
    ['anybody who speaks TLS', '192.0.2.9', ['10.0.0.2'], { encrypted: true }],
    ['anybody, where no proxy was named', '192.0.2.9', [], {}],
  ])('lets %s go on', (_, from, trust, more) => {
    const trusted = new Trusted(trust)
    expect(refusalPast(trusted, whenceOf(incomingFrom(from, more), trusted))).toBeUndefined()
  })
})

function incomingFrom(remoteAddress: string, more = {}): IncomingMessage {
  return { url: '/bus', socket: { remoteAddress, ...more }, headers: UPGRADE } as unknown as IncomingMessage
}
