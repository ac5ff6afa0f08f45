import { type ReadonlySignal, signal } from '@preact/signals'
import type { TrendPoint } from '../../protocol/index.ts'

/** What a point is about. */
const SPAN_MS = 10_000
/** So much is held. */
const HELD_MS = 3_600_000
const MINUTE_MS = 60_000

/** How the server did in the last hour, as it tells it. Nothing is known of the times between points that are apart. */
export class Trend {
  readonly #points = signal<readonly TrendPoint[]>([])

  /** Oldest first. */
  get points(): ReadonlySignal<readonly TrendPoint[]> {
    return this.#points
  }

  put(point: TrendPoint): void {
    const time = point.time.getTime()
    const others = this.#points.value.filter((other) => other.time.getTime() !== time)
    const all = [...others, point].sort((a, b) => a.time.getTime() - b.time.getTime())
    const newest = all.at(-1)?.time.getTime() ?? time
    this.#points.value = all.filter((other) => newest - other.time.getTime() < HELD_MS)
  }

  clear(): void {
    this.#points.value = []
  }
}

/** Values over times, as a chart takes them. Null: nothing is known. */
export interface Columns<Name extends string> {
  /** Milliseconds since 1970, rising. */
  readonly times: readonly number[]
  readonly values: Readonly<Record<Name, readonly (number | null)[]>>
}

/** What ended in each minute of the clock; the last minute may go on. A minute in which nothing was measured is a hole. */
export function endedByMinute(points: readonly TrendPoint[]): Columns<'success' | 'failure' | 'canceled'> {
  const minutes = new Map<number, { success: number; failure: number; canceled: number }>()
  for (const { time, success, failure, canceled } of points) {
    const minute = time.getTime() - (time.getTime() % MINUTE_MS)
    const sum = minutes.get(minute) ?? { success: 0, failure: 0, canceled: 0 }
    sum.success += success
    sum.failure += failure
    sum.canceled += canceled
    minutes.set(minute, sum)
  }
  const known = [...minutes.keys()]
  const times = steps(Math.min(...known), Math.max(...known), MINUTE_MS)
  const column = (name: 'success' | 'failure' | 'canceled') => times.map((time) => minutes.get(time)?.[name] ?? null)
  return { times, values: { success: column('success'), failure: column('failure'), canceled: column('canceled') } }
}

/** How long cancels took, in spans of ten seconds. A span without a cancel is a hole, as one that was not measured. */
export function cancelLatency(points: readonly TrendPoint[]): Columns<'p50' | 'max'> {
  const times: number[] = []
  const p50: (number | null)[] = []
  const max: (number | null)[] = []
  const add = (time: number, cancelMs: TrendPoint['cancelMs']) => {
    times.push(time)
    p50.push(cancelMs?.p50 ?? null)
    max.push(cancelMs?.max ?? null)
  }
  for (const { time, cancelMs } of points) {
    const last = times.at(-1)
    // The clocks of two servers are not in step.
    if (last !== undefined && time.getTime() - last > 1.5 * SPAN_MS) add(last + SPAN_MS, null)
    add(time.getTime(), cancelMs)
  }
  return { times, values: { p50, max } }
}

function steps(from: number, to: number, step: number): number[] {
  const count = Math.max(0, Math.floor((to - from) / step) + 1)
  return Number.isFinite(count) ? Array.from({ length: count }, (_, at) => from + at * step) : []
}
