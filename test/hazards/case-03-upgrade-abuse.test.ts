import { describe, expect, test } from 'vitest'
import { type Front, many } from '../server/http/front.ts'
import { requestText, UPGRADE } from '../server/support/served.ts'
import { waitingStore } from '../server/support/waiting-store.ts'
import { waitUntil } from '../support/wait-until.ts'
import { BareSocket, frame, HELLO } from './support/bare-socket.ts'
import { connections, isWell, openDoor, TOKEN } from './support/front-door.ts'
import { descriptors, descriptorsBack, unhandled } from './support/process.ts'

const KNOWN = { ...UPGRADE, authorization: `Bearer ${TOKEN}` }
const opening = frame(JSON.stringify(HELLO))

/** What may stand in a request for the upgrade, and the status it earns. */
const REQUESTS: [what: string, request: string, statuses: number[]][] = [
  ['a key that is too short', requestText({ ...KNOWN, 'sec-websocket-key': 'short' }), [400]],
  ['a key that is no base64', requestText({ ...KNOWN, 'sec-websocket-key': '!'.repeat(24) }), [400]],
  ['no key', requestText({ ...KNOWN, 'sec-websocket-key': '' }), [400]],
  ['version 7', requestText({ ...KNOWN, 'sec-websocket-version': '7' }), [400]],
  ['no version', requestText({ ...KNOWN, 'sec-websocket-version': '' }), [400]],
  ['another protocol than a WebSocket', requestText({ ...KNOWN, upgrade: 'h2c' }), [400]],
  ['a broken extension', requestText({ ...KNOWN, 'sec-websocket-extensions': 'x;=' }), [101, 400]],
  ['a method other than GET', requestText(KNOWN, 'POST /bus HTTP/1.1'), [400, 405]],
  ['a header named __proto__', requestText({ ...KNOWN, ['__proto__x'.slice(0, 9)]: 'x' }), [101]],
  ['a header named constructor', requestText({ ...KNOWN, constructor: 'x' }), [101]],
  ['1,900 headers', requestText({ ...KNOWN, ...headers(1_900) }), [101]],
  ['more headers than fit', requestText({ ...KNOWN, ...headers(1_900, 'x'.repeat(10)) }), [400]],
]

function headers(count: number, value = ''): Record<string, string> {
  return Object.fromEntries(many(count).map((at) => [`h${at.toString(36)}`, value]))
}

describe('case 3: upgrade abuse:', { timeout: 180_000 }, () => {
  test('a thousand resets while the credential is looked up leave nothing behind', async () => {
    const { wrap, hold, release } = waitingStore('findCredential')
    let asked = 0
    const front = await openDoor((store) => {
      const inner = wrap(store)
      const findCredential: typeof store.findCredential = (hash) => {
        asked += 1
        return inner.findCredential(hash)
      }
      return { ...inner, findCredential }
    })
    await isWell(front)
    await connections(front, 0)
    const before = descriptors()
    const rejected = await unhandled(async () => {
      for (const _ of many(4)) {
        hold()
        asked = 0
        const sockets = many(250).map(() => new BareSocket(front.port))
        for (const { socket } of sockets) socket.write(requestText(KNOWN))
        await waitUntil(() => asked === 250, { what: 'the look-ups', limitMs: 60_000 })
        for (const { socket } of sockets) socket.resetAndDestroy()
        release()
        // Some resets are seen only when it is their turn.
        await front.house.clock.advance(10_000)
        await connections(front, 0)
      }
      await descriptorsBack(before)
    })
    expect(rejected).toEqual([])
    await isWell(front)
  })

  test.each(REQUESTS)('%s is answered, and the server is well', async (_, request, statuses) => {
    const front = await openDoor()
    const socket = new BareSocket(front.port)
    socket.socket.write(request)
    await waitUntil(() => socket.status !== 0, { what: 'an answer', limitMs: 60_000 })
    expect(statuses).toContain(socket.status)
    socket.socket.destroy()
    await isWell(front)
  })

  test('frames that come in one packet with the request are the first of the connection', async () => {
    const front = await openDoor()
    const eager = new BareSocket(front.port)
    expect(await eager.upgrade(TOKEN, { behind: opening })).toBe(101)
    expect(await eager.hears('"welcome"')).toContain('"version":1')
  })

  test('garbage behind the request ends only its own connection: 1002', async () => {
    const front = await openDoor()
    const garbled = new BareSocket(front.port)
    await garbled.upgrade(TOKEN, { behind: Buffer.from('\xff\xff\xff\xff', 'latin1') })
    expect(await garbled.ended()).toBe(1002)
    await isWell(front)
  })

  test('a second request for the upgrade on an open connection is no frame: 1002', async () => {
    const front = await openDoor()
    for (const when of ['with the first', 'later']) {
      const twice = new BareSocket(front.port)
      const again = Buffer.from(requestText(KNOWN))
      await twice.upgrade(TOKEN, when === 'later' ? {} : { behind: again })
      if (when === 'later') twice.socket.write(again)
      expect(await twice.ended(), when).toBe(1002)
      expect(twice.head.match(/HTTP\/1\.1/g), when).toHaveLength(1)
    }
    await isWell(front)
  })

  test('a request behind one that is refused gets no answer of its own', async () => {
    const front: Front = await openDoor()
    const { status, head, texts } = await refusedThenGood(front)
    expect(status).toBe(401)
    expect(head).toContain('connection: close')
    expect(texts).toEqual([])
    await connections(front, 0)
  })
})

async function refusedThenGood(front: Front): Promise<BareSocket> {
  const socket = new BareSocket(front.port)
  await socket.upgrade('a wrong token'.replaceAll(' ', '-'), { behind: Buffer.from(requestText(KNOWN)) })
  await socket.ended()
  return socket
}
