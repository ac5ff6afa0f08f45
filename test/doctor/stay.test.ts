import type { Socket } from 'node:net'
import { describe, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/protocol/index.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { expectFault, type Fault, sharedWard, Ward } from './ward.ts'

const ward = sharedWard()
const HOUR_MS = 3_600_000

/** Where the payload of a frame ends, and how long it is; undefined while its head is not whole. */
function frameAt(bytes: Buffer): { end: number; length: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = (bytes[1] ?? 0) & 0x7f
  const head = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0)
  if (bytes.length < head) return undefined
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  const mask = ((bytes[1] ?? 0) & 0x80) === 0 ? 0 : 4
  return { end: head + mask + length, length }
}

/** Drops a connection whose frames are longer. */
const atMost = (most: number) => (from: Socket, to: Socket) => {
  let waiting = Buffer.alloc(0)
  from.on('data', (bytes) => {
    waiting = Buffer.concat([waiting, bytes])
    for (let frame = frameAt(waiting); frame !== undefined; frame = frameAt(waiting)) {
      if (frame.length > most) return void to.destroy()
      if (waiting.length < frame.end) return
      to.write(waiting.subarray(0, frame.end))
      waiting = waiting.subarray(frame.end)
    }
  })
}

/** Of texts that are long enough, some letters. */
const altering = (from: Socket, to: Socket) => {
  from.on('data', (bytes) => to.write(Buffer.from(bytes.toString('latin1').replaceAll(' 9z ', ' 9Z '), 'latin1')))
}

/** Passes on what is asked for, and the rest when it likes. */
function lazy() {
  let asked = 0
  const up = (from: Socket, to: Socket) => {
    from.on('data', (bytes) => {
      asked = performance.now()
      to.write(bytes)
    })
  }
  const down = (from: Socket, to: Socket) => {
    from.on('data', (bytes) => {
      if (performance.now() - asked < 1_000) to.write(bytes)
      else setTimeout(() => to.write(bytes), 6_000)
    })
  }
  return { up, down }
}

const FAULTS: readonly Fault[] = [
  [
    'a limit of frames from here',
    async (one) => ({ url: await one.behind({ up: atMost(20_000) }) }),
    'large',
    'large_up',
    /64 KiB does not get through from here to the server; 16 KiB does.*raised to 256 KiB/,
  ],
  [
    'a limit of frames from the server',
    async (one) => ({ url: await one.behind({ down: atMost(100_000) }) }),
    'large',
    'large_down',
    /256 KiB does not get through from the server; 64 KiB does.*raised/,
  ],
  [
    'texts altered',
    async (one) => ({ url: await one.behind({ down: altering }) }),
    'large',
    'altered',
    /KiB is altered/,
  ],
  [
    'what the server says by itself held back',
    async (one) => ({ url: await one.behind(lazy()) }),
    'push',
    'push_late',
    /by itself is here only after \d+(\.\d)? s.*unbuffered/,
  ],
  [
    'a quiet connection cut',
    async ({ port }) => {
      const proxy = await TcpProxy.to(port)
      onTestFinished(() => proxy.close())
      proxy.idle = { afterMs: 4_000, how: 'fin' }
      return { url: proxy.url, idleMs: 7_000 }
    },
    'idle',
    'idle_cut',
    /cut after [45](\.\d)? s of silence.*idle timeout.*ping more often/,
  ],
]

describe('once it is welcomed', () => {
  test.each(FAULTS)('%s', async (...fault) => {
    await expectFault(ward(), fault)
  })

  test('a clock that is an hour ahead', async () => {
    const clock = { ...systemClock, now: () => Date.now() + HOUR_MS }
    const ahead = await Ward.open({ clock })
    onTestFinished(() => ahead.close())
    const found = /server's clock is 3[56]\d\d(\.\d)? s ahead of the one here.*NTP/
    await expectFault(ahead, ['', ({ url }) => ({ url }), 'clock', 'clock_skew', found])
  })
})
