import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/protocol/index.ts'
import { watch } from '../../src/socket/index.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { joined, leftOpen } from './bare-bus.ts'

describe('liveness', () => {
  const quiet = {
    send() {},
    close() {},
    buffered: () => 0,
    onText() {},
    onClose() {},
    quietMs: () => 0,
    bytesWritten: () => 0,
    terminate() {},
  }

  test('a socket without a byte is dead by the limit, one that trickles lives', async () => {
    const clock = new FakeClock()
    let bytes = 0
    let dead = 0
    const stop = watch({ ...quiet, bytesRead: () => bytes, ping() {} }, clock, { deadMs: 40_000, onDead: () => dead++ })
    for (let at = 0; at < 120; at++) {
      bytes++
      await clock.advance(1_000)
    }
    expect(dead).toBe(0)
    await clock.advance(33_000)
    expect(dead).toBe(0)
    await clock.advance(7_000)
    expect(dead).toBe(1)
    await clock.advance(200_000)
    expect(dead).toBe(1)
    stop()
    expect(clock.pending).toBe(0)
  })

  test('pings start at random in the second half and keep their pace', async () => {
    const clock = new FakeClock()
    const at: number[] = []
    let bytes = 0
    const port = { ...quiet, bytesRead: () => ++bytes, ping: () => at.push(clock.monotonic()) }
    const stop = watch(port, clock, { pingMs: 15_000, deadMs: 25_000, onDead() {} })
    await clock.advance(60_000)
    const [first = 0, second = 0, third = 0] = at
    expect(first).toBeGreaterThanOrEqual(7_500)
    expect(first).toBeLessThanOrEqual(15_000)
    expect(second - first).toBeCloseTo(15_000)
    expect(third - second).toBeCloseTo(15_000)
    stop()
    expect(clock.pending).toBe(0)
  })

  test('after a stall of our own loop it looks again before it judges', () => {
    let now = 0
    let look: (() => void) | undefined
    let dead = 0
    const clock = {
      now: () => now,
      monotonic: () => now,
      after: (_ms: number, call: () => void) => {
        look = call
        return () => {}
      },
    }
    watch({ ...quiet, bytesRead: () => 7, ping() {} }, clock, { deadMs: 8_000, onDead: () => dead++ })
    now = 60_000
    look?.()
    expect(dead).toBe(0)
    for (let step = 0; step < 8; step++) {
      now += 1_000
      look?.()
    }
    expect(dead).toBe(1)
  })

  test('over a real socket that goes silent', async () => {
    const { client, server } = await joined()
    server.pause()
    const dead = new Promise<void>((resolve) => {
      const stop = watch(client, systemClock, { pingMs: 20, deadMs: 100, onDead: () => resolve() })
      leftOpen.push(stop)
    })
    await dead
  })
})
