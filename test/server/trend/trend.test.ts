import { describe, expect, test } from 'vitest'
import { TREND } from '../../../src/protocol/index.ts'
import type { Change } from '../../../src/server/store/change.ts'
import { Trend } from '../../../src/server/trend/index.ts'
import { Fixture, Reader } from '../feed/builder.ts'

const QUEUE = { version: 7, pending: 3, waiting: 1, offered: 0, running: 2, agents: 1, paused: false }
const NONE = { success: 0, failure: 0, canceled: 0, lines: 0 }

function fixture() {
  const { clock, feed } = new Fixture()
  const metrics = { totals: NONE }
  const store = { queueInfo: async () => QUEUE }
  const trend = new Trend({ store, metrics, feed, clock })
  const subscribe = (sink: Reader) => {
    const read = async () => trend.points.map((point) => ({ kind: 'trend' as const, point }))
    return feed.subscribe({ subscription: 's', topic: 'trend' }, sink, read)
  }
  trend.start()
  return { clock, metrics, store, trend, subscribe, span: () => clock.advance(TREND.spanMs) }
}

function stopped(ms: number): Change {
  const passage = { from: 'running' as const, cancel: { stopped: ms } }
  return { kind: 'workflow', id: 'w', version: 1, state: 'running', lane: null, lease: null, passage }
}

describe('a point', () => {
  test('says what came in its span, and how the queue stood at its end', async () => {
    const { clock, metrics, trend, span } = fixture()
    const began = clock.now()
    metrics.totals = { success: 5, failure: 2, canceled: 1, lines: 900 }
    await span()
    metrics.totals = { success: 5, failure: 3, canceled: 1, lines: 1_000 }
    await span()
    const stood = { pending: 3, running: 2, agents: 1, cancelMs: null }
    expect(trend.points).toEqual([
      { version: 1, time: new Date(began), success: 5, failure: 2, canceled: 1, lines: 900, ...stood },
      { version: 2, time: new Date(began + 10_000), success: 0, failure: 1, canceled: 0, lines: 100, ...stood },
    ])
  })

  test('says how long cancels took until nothing ran: the middle, the longest, how many', async () => {
    const { trend, span } = fixture()
    trend.take([stopped(40), stopped(10), stopped(3_000)])
    await span()
    await span()
    expect(trend.points.map(({ cancelMs }) => cancelMs)).toEqual([{ p50: 40, max: 3_000, count: 3 }, null])
  })

  test('counts each of very many cancels, and its middle is near the true one', async () => {
    const { trend, span } = fixture()
    for (let ms = 1; ms <= 20_000; ms++) trend.take([stopped(ms)])
    await span()
    const { p50 = 0, ...rest } = trend.points[0]?.cancelMs ?? {}
    expect(rest).toEqual({ max: 20_000, count: 20_000 })
    expect(p50).toBeGreaterThan(6_000)
    expect(p50).toBeLessThan(14_000)
  })

  test('is told to who watches, once', async () => {
    const { clock, subscribe, span } = fixture()
    await span()
    const reader = new Reader()
    expect((await subscribe(reader)).page).toHaveLength(1)
    await clock.advance(0)
    await span()
    await span()
    expect(reader.heard).toEqual(['s 1 point@2', 's 2 point@3'])
  })
})

describe('where nothing was measured is a hole:', () => {
  const times = (trend: Trend, begun: number) => trend.points.map(({ time }) => (time.getTime() - begun) / 1_000)

  test('a stall of the process', async () => {
    const { clock, metrics, trend, span } = fixture()
    const began = clock.now()
    await span()
    clock.stall(60_000)
    metrics.totals = { ...NONE, success: 50 }
    await clock.advance(0)
    await span()
    expect(times(trend, began)).toEqual([0, 70])
    expect(trend.points.map(({ success }) => success)).toEqual([0, 0])
  })

  test('a sleep of the machine, which only the wall clock knows', async () => {
    const { clock, trend, span } = fixture()
    const began = clock.now()
    await span()
    clock.jump(3_600_000)
    await span()
    await span()
    expect(times(trend, began)).toEqual([0, 3_620])
  })

  test('a store that fails, or does not answer', async () => {
    const { clock, store, trend, span } = fixture()
    const began = clock.now()
    store.queueInfo = () => Promise.reject(new Error('away'))
    await span()
    store.queueInfo = () => new Promise(() => {})
    await span()
    await clock.advance(5_000)
    store.queueInfo = async () => QUEUE
    await clock.advance(5_000)
    expect(times(trend, began)).toEqual([20])
  })
})

test('after an hour the oldest point goes with each new one', async () => {
  const { trend, span } = fixture()
  for (let points = 0; points < TREND.points + 2; points++) await span()
  expect(trend.points).toHaveLength(360)
  expect(trend.points[0]?.version).toBe(3)
})

test('a clock that is set back begins anew, and who watches gets a snapshot', async () => {
  const { clock, trend, subscribe, span } = fixture()
  await span()
  const reader = new Reader()
  await subscribe(reader)
  await clock.advance(0)
  clock.jump(-3_600_000)
  await span()
  await span()
  expect(trend.points.map(({ version }) => version)).toEqual([2])
  await clock.advance(1_000)
  expect(reader.heard).toEqual(['s missed 1-1', 's 1 point@2'])
})

test('once stopped it leaves no timer', async () => {
  const { clock, trend } = fixture()
  trend.stop()
  expect(clock.pending).toBe(0)
})
