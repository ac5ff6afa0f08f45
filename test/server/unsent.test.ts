import { expect, test } from 'vitest'
import { CALLS } from '../../src/protocol/index.ts'
import { BareSocket } from '../hazards/support/bare-socket.ts'
import { counted } from '../hazards/support/front-door.ts'
import { waitUntil } from '../support/wait-until.ts'
import { many } from './http/front.ts'
import { begin, type Work } from './http/work.ts'

const PATIENCE = { limitMs: 60_000 }
/** Of 128 KiB each: more than what a system holds for a socket and what a server may, together. */
const PAGES = 200

/** A log of two pages, and a viewer that has asked for the first again and again and reads nothing. */
async function deaf(): Promise<{ work: Work; socket: BareSocket; unsent: () => Promise<number> }> {
  const { front, work } = await begin()
  for (let at = 1; at <= 257; at++) await work.write('s1', at, ['out', 'x'.repeat(1023)])
  const socket = new BareSocket(front.port)
  await socket.enter('token-of-viewer')
  socket.socket.pause()
  for (const at of many(PAGES)) {
    socket.say({ type: 'request', id: at + 1, method: 'logs', params: { id: work.id } })
  }
  return { work, socket, unsent: () => counted(front, 'drumline_unsent_bytes{of="most"}') }
}

test('who asks for log after log and reads nothing costs a server 1 MiB, and gets every page once it reads', async () => {
  const { work, socket, unsent } = await deaf()
  const { house } = work.front
  const other = await house.operator()
  await waitUntil(async () => (await unsent()) > CALLS.unsentBytes / 2, { what: 'a full socket', ...PATIENCE })
  for (const _ of many(50)) {
    expect((await other.call('logs', { id: work.id })).more).toBe(true)
    expect(await unsent()).toBeLessThanOrEqual(CALLS.unsentBytes)
  }
  socket.socket.resume()
  const all = async () => {
    await house.clock.advance(50)
    return socket.texts.filter((text) => text.includes('"response"')).length === PAGES
  }
  await waitUntil(all, { what: 'every page', ...PATIENCE })
  expect(socket.closeCode).toBeUndefined()
  socket.socket.destroy()
})

test('who asks for log after log and reads nothing is closed with 4003 after ten seconds', async () => {
  const { work, socket, unsent } = await deaf()
  const { house } = work.front
  await waitUntil(async () => (await unsent()) > CALLS.unsentBytes / 2, { what: 'a full socket', ...PATIENCE })
  await house.clock.advance(CALLS.unsentMs - 100)
  expect(socket.closeCode).toBeUndefined()
  await house.clock.advance(200)
  socket.socket.resume()
  expect(await socket.ended()).toBe(4003)
})
