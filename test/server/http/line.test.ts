import { describe, expect, test } from 'vitest'
import { Line } from '../../../src/server/http/line.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { busiestSecond } from '../../support/herd.ts'

/** So many come at once; answers when each had its turn, as it goes. Who is sent off is left out. */
function come(line: Line, clock: FakeClock, count: number, who = 'the fleet', told: number[] = []): number[] {
  const turns: number[] = []
  for (let at = 0; at < count; at++) {
    void line.turn(who).then((again) => (again === undefined ? turns.push(clock.monotonic()) : told.push(again)))
  }
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
    const told: number[] = []
    come(line, clock, 2240, 'the fleet', told)
    await clock.advance(0)
    expect(told).toEqual([])
    come(line, clock, 50, 'the fleet', told)
    await clock.advance(0)
    expect(told).toHaveLength(50)
    expect(Math.min(...told)).toBeGreaterThanOrEqual(8)
    expect(Math.max(...told)).toBeLessThanOrEqual(20)
    expect(new Set(told).size).toBeGreaterThan(1)
    line.dissolve()
  })

  test('goes round among those who come: one that comes thousands of times keeps nobody else waiting', async () => {
    const clock = new FakeClock()
    const line = new Line(clock)
    const told: number[] = []
    const flood = come(line, clock, 5000, 'a flood', told)
    const good = come(line, clock, 3, 'a good one')
    const other = come(line, clock, 1, 'another good one')
    await clock.advance(1_000)
    expect([good, other].flat()).toHaveLength(4)
    expect(flood).toHaveLength(476)
    // Who is sent off is always one of the flood.
    expect(told).toHaveLength(5000 - 2240 + 4)
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
