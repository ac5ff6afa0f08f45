import { describe, expect, test } from 'vitest'
import { MESSAGE } from '../../src/protocol/index.ts'
import { many } from '../server/http/front.ts'
import { BareSocket, type FrameOptions, frame } from './support/bare-socket.ts'
import { isWell, openDoor, TOKEN } from './support/front-door.ts'
import { bytesInUse } from './support/process.ts'

const PING = 9
const CLOSE = 8
const request = JSON.stringify({ type: 'request', id: 1, method: 'version', params: {} })
const bad = (first: number) => Buffer.from([first])
const closing = (code: number, reason: Buffer = Buffer.alloc(0)) => {
  const payload = Buffer.alloc(2)
  payload.writeUInt16BE(code)
  return frame(Buffer.concat([payload, reason]), { opcode: CLOSE })
}
/** A header alone: whoever answers it has not waited for what it declares. */
const header = (declares: bigint, more: FrameOptions = {}) => frame('', { ...more, declares })
const part = (fin: boolean, opcode: number) => frame('x'.repeat(100_000), { fin, opcode })

/** The code that each earns, sent after the welcome. */
const BROKEN: [what: string, bytes: Buffer, code: number][] = [
  ['a length of 2^53', header(2n ** 53n), 1009],
  ['a length of 2^53 - 1', header(2n ** 53n - 1n), 1009],
  ['a length of 2^63', header(2n ** 63n), 1009],
  ['a length of 2^64 - 1', header(2n ** 64n - 1n), 1009],
  ['one byte over the limit, in one frame', header(BigInt(MESSAGE.bytes + 1)), 1009],
  [
    'more than the limit, in many',
    Buffer.concat([part(false, 1), part(false, 0), header(100_000n, { opcode: 0 })]),
    1009,
  ],
  [
    'more fragments than any message needs',
    Buffer.concat([frame('x', { fin: false }), ...many(64).map(() => frame('x', { fin: false, opcode: 0 }))]),
    1008,
  ],
  ['compression that was not agreed', frame('x', { reserved: 4 }), 1002],
  ['the second reserved bit', frame('x', { reserved: 2 }), 1002],
  ['the third reserved bit', frame('x', { reserved: 1 }), 1002],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, Buffer, number] => [
    `the reserved opcode ${opcode}`,
    frame('x', { opcode }),
    1002,
  ]),
  ['a frame without mask', frame(request, { masked: false }), 1002],
  ['a fragmented ping', frame('', { opcode: PING, fin: false }), 1002],
  ['a ping of 126 bytes', frame('x'.repeat(126), { opcode: PING }), 1002],
  ['a continuation of nothing', frame('x', { opcode: 0 }), 1002],
  ['a message within another', Buffer.concat([frame('x', { fin: false }), frame('x')]), 1002],
  ['a close of one byte', frame('x', { opcode: CLOSE }), 1002],
  ['a close with a code that no one may send', closing(1005), 1002],
  ['a close with a code of nobody', closing(999), 1002],
  ['a close whose reason is no text', closing(1000, bad(0xff)), 1007],
  ['bytes that are no text', frame(bad(0xc0)), 1007],
  ['half a character', frame(bad(0xc3)), 1007],
  ['a surrogate', frame(Buffer.from([0xed, 0xa0, 0x80])), 1007],
  ['a binary message', frame(request, { opcode: 2 }), 1003],
  [
    'a binary message in fragments',
    Buffer.concat([frame('x', { opcode: 2, fin: false }), frame('x', { opcode: 0 })]),
    1003,
  ],
]

/** What is unusual and allowed, and answered. */
const SOUND: [what: string, bytes: Buffer][] = [
  [
    'a message in three fragments',
    Buffer.concat([
      frame(request.slice(0, 9), { fin: false }),
      frame(request.slice(9, 20), { fin: false, opcode: 0 }),
      frame(request.slice(20), { opcode: 0 }),
    ]),
  ],
  [
    'a ping between two fragments',
    Buffer.concat([
      frame(request.slice(0, 9), { fin: false }),
      frame('', { opcode: PING }),
      frame(request.slice(9), { opcode: 0 }),
    ]),
  ],
  [
    'empty fragments around it',
    Buffer.concat([frame('', { fin: false }), frame(request, { fin: false, opcode: 0 }), frame('', { opcode: 0 })]),
  ],
  ['a character cut in two by a fragment', cutCharacter()],
  ['a pong that nobody asked for', Buffer.concat([frame('x', { opcode: 10 }), frame(request)])],
  [
    'a length in more bytes than it needs',
    Buffer.concat([Buffer.from([0x81, 0xff]), wideLength(request.length), Buffer.alloc(4), Buffer.from(request)]),
  ],
]

function cutCharacter(): Buffer {
  const bytes = Buffer.from(JSON.stringify({ type: 'request', id: 1, method: 'version', params: { ü: 1 } }))
  const at = bytes.indexOf(0xc3) + 1
  return Buffer.concat([frame(bytes.subarray(0, at), { fin: false }), frame(bytes.subarray(at), { opcode: 0 })])
}

function wideLength(length: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(length))
  return bytes
}

describe('case 8: sizes and frames that are none:', { timeout: 120_000 }, () => {
  test('each ends its own connection, with the code that it earns, and no other', async () => {
    const front = await openDoor()
    for (const [what, bytes, code] of BROKEN) {
      const socket = new BareSocket(front.port)
      await socket.enter(TOKEN)
      socket.socket.write(bytes)
      expect(await socket.ended(), what).toBe(code)
      socket.socket.destroy()
    }
    await isWell(front)
  })

  test('before its hello a machine may declare a megabyte, and not a byte more', async () => {
    const front = await openDoor()
    const fits = new BareSocket(front.port)
    await fits.upgrade(TOKEN, { behind: header(BigInt(MESSAGE.helloBytes)) })
    const large = new BareSocket(front.port)
    await large.upgrade(TOKEN, { behind: header(BigInt(MESSAGE.helloBytes + 1)) })
    expect(await large.ended()).toBe(1009)
    expect(fits.closeCode).toBeUndefined()
  })

  test('what is declared takes no memory', async () => {
    const front = await openDoor()
    await isWell(front)
    const before = await bytesInUse()
    const sockets = many(20).map(() => new BareSocket(front.port))
    for (const socket of sockets) {
      await socket.enter(TOKEN)
      socket.socket.write(header(BigInt(MESSAGE.bytes)))
    }
    await isWell(front)
    expect((await bytesInUse()) - before).toBeLessThan(20 * 100_000)
  })
})

describe('case 2: frames of a WebSocket, with our own options:', { timeout: 120_000 }, () => {
  test('whatever the standard allows is understood', async () => {
    const front = await openDoor()
    for (const [what, bytes] of SOUND) {
      const socket = new BareSocket(front.port)
      await socket.enter(TOKEN)
      socket.socket.write(bytes)
      expect(await socket.hears('"id":1'), what).not.toBe('')
      socket.socket.destroy()
    }
  })

  test('a ping is answered with its own payload, a close with its own code', async () => {
    const front = await openDoor()
    const socket = new BareSocket(front.port)
    await socket.enter(TOKEN)
    socket.socket.write(Buffer.concat([frame('hello', { opcode: PING }), closing(1000)]))
    expect(await socket.ended()).toBe(1000)
    expect(socket.pongs).toEqual(['hello'])
  })
})
