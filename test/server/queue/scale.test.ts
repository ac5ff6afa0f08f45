import { expect, test, vi } from 'vitest'
import { Bench } from './builder.ts'

const counts = vi.hoisted(() => ({ compared: 0, matched: 0 }))

vi.mock(import('../../../src/server/queue/heap.ts'), async (original) => {
  const { Heap: Plain } = await original()
  class Heap<T extends { slot: number }> extends Plain<T> {
    constructor(before: (a: T, b: T) => boolean) {
      super((a, b) => {
        counts.compared++
        return before(a, b)
      })
    }
  }
  return { Heap }
})

vi.mock(import('../../../src/server/queue/line.ts'), async (original) => {
  const { goesBefore, ...rest } = await original()
  const counted: typeof goesBefore = (a, b) => {
    counts.compared++
    return goesBefore(a, b)
  }
  return { ...rest, goesBefore: counted }
})

vi.mock(import('../../../src/server/queue/matching.ts'), async (original) => {
  const { matchLabels, ...rest } = await original()
  const counted: typeof matchLabels = (agent, workflow) => {
    counts.matched++
    return matchLabels(agent, workflow)
  }
  return { ...rest, matchLabels: counted }
})

const SETS = 10

/** What handing out 500 costs with so many pending. */
function costs(pending: number): { compared: number; matched: number } {
  const bench = new Bench()
  for (let i = 0; i < pending; i++) {
    bench.pending(`w${i}`, {
      labels: { kind: `${i % SETS}` },
      priority: i % 3,
      ...(i % 7 === 0 ? { group: 'g', limit: 9 } : {}),
    })
  }
  for (let i = 0; i < 500; i++) bench.next(`agent-${i % 100}`, { hostname: `agent-${i % 100}`, kind: '*' })
  counts.compared = counts.matched = 0
  expect(bench.dispatch()).toHaveLength(500)
  return { ...counts }
}

test('with 100,000 pending handing out takes as many comparisons as with 1,000, and no label is matched anew', () => {
  const few = costs(1_000)
  const many = costs(100_000)
  expect(many.compared).toBeGreaterThan(500)
  expect(many.compared).toBeLessThan(few.compared * 1.3)
  expect(many.matched).toBe(0)
})

test('agents with names of their own cost one match per label set together', () => {
  const bench = new Bench()
  for (let i = 0; i < 100; i++) bench.pending(`w${i}`, { labels: { kind: `${i % SETS}` } })
  counts.matched = 0
  for (let i = 0; i < 1_000; i++) bench.next(`agent-${i}`, { hostname: `agent-${i}`, kind: '1' })
  expect(counts.matched).toBe(SETS)
})
