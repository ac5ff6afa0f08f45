import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { LIVENESS } from '../../src/protocol/index.ts'
import { type Front, openFront } from '../server/http/front.ts'
import { waitUntil } from '../support/wait-until.ts'
import { BareSocket, frame, HELLO } from './support/bare-socket.ts'
import { isWell, openDoor, TOKEN } from './support/front-door.ts'

const SECOND = 1_000
const hello = frame(JSON.stringify(HELLO))

/** Sends so many bytes, and waits until the server has them: then a second passes. */
async function trickle(front: Front, slow: BareSocket, bytes: Buffer): Promise<void> {
  const { connections, clock } = { ...front.house, connections: front.house.core.connections }
  const before = connections.traffic().received
  slow.socket.write(bytes)
  await waitUntil(() => connections.traffic().received >= before + bytes.length || slow.closeCode !== undefined, {
    what: 'the bytes at the server',
    limitMs: 60_000,
  })
  await clock.advance(SECOND)
}

/** Says nothing for a while: whether the connection is still there then. */
async function isThere(front: Front, slow: BareSocket): Promise<boolean> {
  await isWell(front)
  return slow.closeCode === undefined
}

describe('case 6: idle and slow:', { timeout: 120_000 }, () => {
  test('without a hello it ends after five seconds, not before: 4001', async () => {
    const front = await openDoor()
    const mute = new BareSocket(front.port)
    await mute.upgrade(TOKEN)
    await front.house.clock.advance(4_500)
    expect(await isThere(front, mute)).toBe(true)
    await front.house.clock.advance(1_000)
    expect(await mute.ended()).toBe(4001)
  })

  test('half a hello is none: 4001', async () => {
    const front = await openDoor()
    const half = new BareSocket(front.port)
    await half.upgrade(TOKEN, { behind: hello.subarray(0, hello.length / 2) })
    await front.house.clock.advance(5_500)
    expect(await half.ended()).toBe(4001)
  })

  test('a hello that trickles, a byte a second, has no more time than another: 4001', async () => {
    const front = await openDoor()
    const slow = new BareSocket(front.port)
    await slow.upgrade(TOKEN)
    for (let at = 0; at < 6 && slow.closeCode === undefined; at++) {
      await trickle(front, slow, hello.subarray(at, at + 1))
    }
    expect(await slow.ended()).toBe(4001)
  })

  test.each([
    ['a frame', frame('x', { declares: 200_000n })],
    ['a fragmented message', frame('x'.repeat(10), { fin: false })],
  ])(
    '%s that trickles, a byte a second, ends once ten seconds have brought next to nothing: 4003',
    async (_, begin) => {
      const front = await openDoor()
      const slow = new BareSocket(front.port)
      await slow.enter(TOKEN)
      await trickle(front, slow, begin)
      let seconds = 1
      for (; seconds < 60 && front.house.core.connections.size > 0; seconds++) {
        // In a fragmented message every pong is a sign of life, and no progress.
        await trickle(front, slow, begin[0] === 0x01 ? frame('', { opcode: 10 }) : Buffer.from('x'))
      }
      expect(await slow.ended()).toBe(4003)
      expect(seconds * SECOND).toBeGreaterThanOrEqual(LIVENESS.trickleMs)
      // It is looked at now and then, an eighth of the time that silence may take.
      expect(seconds * SECOND).toBeLessThanOrEqual(LIVENESS.trickleMs + (2 * LIVENESS.serverMs) / 8)
      await isWell(front)
    },
  )

  test('a message over a slow link, half a kilobyte a second, comes to its end', async () => {
    const front = await openDoor()
    const slow = new BareSocket(front.port)
    await slow.enter(TOKEN)
    const params = { workflows: [], secrets: {}, filler: 'x'.repeat(30_000) }
    const message = frame(JSON.stringify({ type: 'request', id: 1, method: 'version', params }))
    for (let at = 0; at < message.length; at += 512) await trickle(front, slow, message.subarray(at, at + 512))
    expect(await slow.hears('"id":1')).toContain('bad_request')
  })

  test('headers that come a byte a second are not waited for', async () => {
    const front = await openFront()
    const socket = connect(front.port, '127.0.0.1')
    let gone = false
    let answer = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('close', () => {
      gone = true
    })
    socket.write('GET /bus HTTP/1.1\r\nx: ')
    const drip = setInterval(() => socket.write('y'), SECOND)
    await waitUntil(() => gone, { what: 'the end', limitMs: 60_000 })
    clearInterval(drip)
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*did not come within its time/)
  })
})
