import { expect, test } from 'vitest'
import { loadIndex, type WorkflowChange } from '../../../src/server/queue/index.ts'
import { Bench } from './builder.ts'

/** A store that gives pages of two, and tells of what happens between them. */
function store(rows: WorkflowChange[], between: (after: number) => void = () => {}) {
  return {
    async loadQueue(after: number) {
      const left = rows.filter(({ lane }) => (lane?.order ?? 0) > after)
      between(after)
      return { rows: left.slice(0, 2), more: left.length > 2 }
    },
  }
}

function rows(bench: Bench): WorkflowChange[] {
  return ['a', 'b', 'c', 'd', 'e'].map((id, at) => bench.change(id, 'pending', 1, { order: at + 1 }))
}

test('all pages are read, and nothing is handed out before the last', async () => {
  const bench = new Bench()
  for (let i = 0; i < 6; i++) bench.next('one')
  const early: unknown[] = []
  await loadIndex(
    bench.index,
    store(rows(bench), () => early.push(bench.index.match())),
  )
  expect(early).toEqual([null, null, null])
  expect(bench.dispatch()).toHaveLength(5)
})

test('what ended while it was read is not revived by a page from before', async () => {
  const bench = new Bench()
  for (let i = 0; i < 6; i++) bench.next('one')
  const cancel = { ...bench.change('c', 'canceled', 2), lane: null }
  await loadIndex(
    bench.index,
    store(rows(bench), (after) => after === 2 && bench.index.apply(cancel)),
  )
  expect(bench.dispatch()).toEqual(['a→one', 'b→one', 'd→one', 'e→one'])
})

test('an empty store is a queue that works', async () => {
  const bench = new Bench()
  await loadIndex(bench.index, store([]))
  bench.next('one')
  bench.pending('a')
  expect(bench.dispatch()).toEqual(['a→one'])
})
