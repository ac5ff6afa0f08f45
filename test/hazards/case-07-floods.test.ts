import { describe, expect, test } from 'vitest'
import { CALLS } from '../../src/protocol/index.ts'
import { type Front, many } from '../server/http/front.ts'
import { waitUntil } from '../support/wait-until.ts'
import { BareSocket, frame } from './support/bare-socket.ts'
import { counted, isWell, openDoor, TOKEN } from './support/front-door.ts'
import { bytesInUse } from './support/process.ts'

const PING = 9
const MiB = 1024 * 1024
const MOST = MiB / 2
/** A flood in one go: as many frames as the text is repeated. */
const batches = (one: (at: number) => object, count: number): Buffer =>
  Buffer.concat(many(count / 200).map((batch) => frame(JSON.stringify(many(200).map((at) => one(batch * 200 + at))))))

const KINDS: [kind: string, flood: Buffer][] = [
  ['ping', Buffer.concat(many(10_000).map(() => frame('', { opcode: PING })))],
  ['ping', batches(() => ({ type: 'ping' }), 10_000)],
  ['pong', batches(() => ({ type: 'pong' }), 10_000)],
  ['abort', batches((at) => ({ type: 'abort', id: 100_000 + at }), 10_000)],
  ['refused', batches((at) => ({ type: 'request', id: at + 1, method: 'nobody.has.this', params: {} }), 10_000)],
  ['refused', batches((at) => ({ type: 'request', id: at + 1, method: 'get', params: 7 }), 10_000)],
]

describe('case 7: floods:', { timeout: 120_000 }, () => {
  test('16,300 fragments of one byte end their connection after 64: 1008', async () => {
    const front = await openDoor()
    await isWell(front)
    const before = await bytesInUse()
    const socket = new BareSocket(front.port)
    await socket.enter(TOKEN)
    const more = frame('x', { fin: false, opcode: 0 })
    socket.socket.write(Buffer.concat([frame('x', { fin: false }), ...many(16_300).map(() => more)]))
    expect(await socket.ended()).toBe(1008)
    socket.socket.destroy()
    await isWell(front)
    expect((await bytesInUse()) - before).toBeLessThan(MOST)
  })

  test('a message in thousands of chunks holds little, and ends its connection before it holds much: 1008', async () => {
    const front = await openDoor()
    const sockets = many(2).map(() => new BareSocket(front.port))
    for (const socket of sockets) {
      await socket.enter(TOKEN)
      socket.socket.write(frame('', { declares: 200_000n }))
    }
    const before = await bytesInUse()
    let most = 0
    for (let chunks = 1; chunks < 6_000 && sockets.some(isOpen); chunks++) {
      await oneByteEach(front, sockets)
      if (chunks % 1_000 === 0) most = Math.max(most, await bytesInUse())
    }
    expect(sockets.map(({ closeCode }) => closeCode)).toEqual([1008, 1008])
    expect(most - before).toBeGreaterThan(0)
    expect(most - before).toBeLessThan(sockets.length * MOST)
    await isWell(front)
  })

  test.each(KINDS)(
    '10,000 of what costs nothing to send (%s) are slowed down and counted, and take no memory',
    async (kind, flood) => {
      const front = await openDoor()
      await isWell(front)
      const before = await bytesInUse()
      const socket = new BareSocket(front.port)
      await socket.enter(TOKEN)
      // It reads nothing of what it is answered.
      socket.socket.pause()
      socket.socket.write(flood)
      await waitUntil(() => counted(front, `drumline_floods_total{kind="${kind}"}`), {
        what: 'the count',
        limitMs: 60_000,
      })
      await isWell(front)
      expect(front.house.core.connections.size).toBeGreaterThan(0)
      expect((await bytesInUse()) - before).toBeLessThan(MOST + CALLS.unsentBytes)
      socket.socket.destroy()
    },
  )
})

const isOpen = ({ closeCode }: BareSocket) => closeCode === undefined

/** Each sends a byte, and the server has read it. */
async function oneByteEach({ house }: Front, sockets: readonly BareSocket[]): Promise<void> {
  const { connections } = house.core
  const due = connections.traffic().received + sockets.filter(isOpen).length
  for (const { socket } of sockets) if (socket.writable) socket.write('x')
  while (connections.traffic().received < due && sockets.some(isOpen)) await new Promise((go) => setImmediate(go))
}
