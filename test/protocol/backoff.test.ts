import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reconnectDelay, slowDelay } from '../../src/protocol/index.ts'

describe('the wait before dialling again', () => {
  test('is between 0.25 and 5.25 s at first', () => {
    expect(reconnectDelay(1, 0)).toBe(250)
    expect(reconnectDelay(1, 0.5)).toBe(2_750)
    expect(reconnectDelay(1, 1)).toBe(5_250)
  })

  test.each([
    [2, 4_000],
    [3, 8_000],
    [4, 16_000],
    [5, 20_000],
    [9, 20_000],
    [1e9, 20_000],
  ])('is below its cap at attempt %i: %i ms', (attempt, cap) => {
    expect(reconnectDelay(attempt, 0)).toBe(0)
    expect(reconnectDelay(attempt, 1)).toBe(cap)
  })

  test('is spread over the whole range, so that a fleet does not return at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const [least, most] = [reconnectDelay(attempt, 0), reconnectDelay(attempt, 1)]
        expect(reconnectDelay(attempt, random)).toBeCloseTo(least + (most - least) * random, -1)
      }),
    )
  })

  test('is 5 to 10 minutes where a quick return would only repeat the refusal', () => {
    expect(slowDelay(0)).toBe(300_000)
    expect(slowDelay(1)).toBe(600_000)
  })
})
