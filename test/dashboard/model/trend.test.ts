import { describe, expect, test } from 'vitest'
import { cancelLatency, endedByMinute, Trend } from '../../../src/dashboard/model/trend.ts'
import type { TrendPoint } from '../../../src/protocol/index.ts'

const NOON = Date.UTC(2026, 0, 1, 12)

/** The span that begins so many seconds after noon. */
function point(seconds: number, changes: Partial<TrendPoint> = {}): TrendPoint {
  const counts = { success: 0, failure: 0, canceled: 0, lines: 0, pending: 0, running: 0, agents: 0 }
  return { version: 1, time: new Date(NOON + seconds * 1000), ...counts, cancelMs: null, ...changes }
}

const secondsOf = (times: readonly number[]) => times.map((time) => (time - NOON) / 1000)

describe('how it went', () => {
  test('is an hour of points, by their time, each once', () => {
    const trend = new Trend()
    for (const seconds of [20, 0, 10, 10, 3_610]) trend.put(point(seconds))
    expect(secondsOf(trend.points.value.map(({ time }) => time.getTime()))).toEqual([20, 3_610])
    trend.clear()
    expect(trend.points.value).toEqual([])
  })

  test('is counted in minutes of the clock, with a hole where nothing was measured', () => {
    const points = [
      point(5, { success: 1 }),
      point(55, { success: 2, failure: 1 }),
      point(65, { canceled: 1 }),
      point(185, { success: 4 }),
    ]
    const { times, values } = endedByMinute(points)
    expect(secondsOf(times)).toEqual([0, 60, 120, 180])
    expect(values).toEqual({ success: [3, 0, null, 4], failure: [1, 0, null, 0], canceled: [0, 1, null, 0] })
    expect(endedByMinute([]).times).toEqual([])
  })

  test('has no latency where nothing was canceled, and is cut where nothing was measured', () => {
    const took = (ms: number) => ({ cancelMs: { p50: ms, max: 2 * ms, count: 3 } })
    const { times, values } = cancelLatency([point(0, took(5)), point(10), point(21, took(7)), point(300, took(9))])
    expect(secondsOf(times)).toEqual([0, 10, 21, 31, 300])
    expect(values).toEqual({ p50: [5, null, 7, null, 9], max: [10, null, 14, null, 18] })
  })
})
