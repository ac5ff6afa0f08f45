import { expect, test } from 'vitest'
import { RoundTrip } from '../../src/server/round-trip.ts'
import { FakeClock } from '../support/fake-clock.ts'

test('of round trips the first is told, and later ones that differ much, one in 25 seconds at most', async () => {
  const clock = new FakeClock()
  const told: number[] = []
  const trip = new RoundTrip(clock, (ms) => told.push(ms))
  const after = async (seconds: number, ms: number) => {
    await clock.advance(seconds * 1_000)
    trip.measured(ms)
    return told.at(-1)
  }
  expect(await after(0, 20.4)).toBe(20)
  expect(await after(15, 90)).toBe(20)
  expect(await after(15, 24)).toBe(20)
  expect(await after(15, 90)).toBe(90)
  expect(await after(30, 110)).toBe(90)
  expect(await after(30, 113)).toBe(113)
  expect(told).toEqual([20, 90, 113])
})
