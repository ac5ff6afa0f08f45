import { describe, expect, test } from 'vitest'
import { Line } from '../../../src/server/http/line.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { busiestSecond } from '../../support/herd.ts'

/** So many come at once; answers when each had its turn, as it goes. */
function come(line: Line, clock: FakeClock, count: number): number[] {
  const turns: number[] = []
  for (let at = 0; at < count; at++) void line.turn().then(() => turns.push(clock.monotonic()))
  return turns
}

describe('the line at the door', () => {
  test('holds nobody up while few come', async () => {
    const clock = new FakeClock()
    const line = new Line(clock)
    for (let second = 0; second < 5; second++) {
      const turns = come(line, clock, 200)
      await clock.advance(0)
      expect(turns).toHaveLength(200)
      expect(clock.pending).toBe(0)
      await clock.advance(1000)
    }
  })

  test('lets a fleet that comes at once in within ten seconds, never more than 250 in any of them', async () => {
    const clock = new FakeClock()
    const turns = come(new Line(clock), clock, 2000)
    await clock.advance(10_000)
    expect(turns).toHaveLength(2000)
    expect(turns).toEqual([...turns].sort((a, b) => a - b))
    expect(busiestSecond(turns)).toBeLessThanOrEqual(250)
    expect(clock.pending).toBe(0)
  })

  test('keeps its pace in a server that stalls now and then: not faster after it, and not slower', async () => {
    const clock = new FakeClock()
    const turns = come(new Line(clock), clock, 2000)
    await clock.advance(0)
    for (let stall = 0; stall < 9; stall++) {
      clock.stall(900)
      await clock.advance(100)
    }
    expect(turns).toHaveLength(2000)
    expect(busiestSecond(turns)).toBeLessThanOrEqual(250)
  })

  test('says when to come again once it is too long, and not the same to all', async () => {
    const clock = new FakeClock()
    const line = new Line(clock)
    come(line, clock, 2239)
    expect(line.fullForS).toBeUndefined()
    come(line, clock, 1)
    const told = Array.from({ length: 50 }, () => line.fullForS ?? 0)
    expect(Math.min(...told)).toBeGreaterThanOrEqual(8)
    expect(Math.max(...told)).toBeLessThanOrEqual(20)
    expect(new Set(told).size).toBeGreaterThan(1)
    line.dissolve()
  })

  test('is gone when the door shuts: nobody waits, and nothing is left', async () => {
    const clock = new FakeClock()
    const line = new Line(clock)
    const turns = come(line, clock, 500)
    line.dissolve()
    turns.push(...come(line, clock, 1))
    await clock.advance(0)
    expect(turns.length).toBeGreaterThanOrEqual(500)
    expect(clock.pending).toBe(0)
  })
})
