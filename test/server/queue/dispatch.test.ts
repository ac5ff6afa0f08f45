import { describe, expect, test } from 'vitest'
import { Bench } from './builder.ts'

describe('order of work', () => {
  test('priority first, then age, across label sets', () => {
    const bench = new Bench()
    bench.pending('old', { labels: { os: 'linux' } })
    bench.pending('older-elsewhere', { labels: { os: 'mac' } })
    bench.pending('urgent', { labels: { os: 'mac' }, priority: 5 })
    bench.pending('low', { priority: -1 })
    for (let i = 0; i < 4; i++) bench.next('all', { os: '*' })
    expect(bench.dispatch()).toEqual(['urgent→all', 'old→all', 'older-elsewhere→all', 'low→all'])
  })

  test('nobody suits the head: the next that suits somebody goes', () => {
    const bench = new Bench()
    bench.pending('gpu', { labels: { gpu: 'true' }, priority: 100 })
    bench.pending('plain')
    bench.next('small')
    expect(bench.dispatch()).toEqual(['plain→small'])
    bench.next('big', { gpu: 'true' })
    expect(bench.dispatch()).toEqual(['gpu→big'])
  })

  test('handed out once, and a finished one never again', () => {
    const bench = new Bench()
    bench.pending('a')
    bench.next('one')
    bench.next('two')
    expect(bench.dispatch()).toEqual(['a→one'])
    bench.running('a')
    expect(bench.dispatch()).toEqual([])
    bench.ended('a')
    expect(bench.dispatch()).toEqual([])
  })

  test('an expired one is first in line again', () => {
    const bench = new Bench()
    for (const id of ['a', 'b', 'c']) bench.pending(id)
    bench.next('one')
    expect(bench.dispatch()).toEqual(['a→one'])
    bench.running('a')
    bench.pending('a')
    bench.next('two')
    bench.next('two')
    expect(bench.dispatch()).toEqual(['a→two', 'b→two'])
  })

  test('a cancelled one is gone from the middle of the line', () => {
    const bench = new Bench()
    for (const id of ['a', 'b', 'c']) bench.pending(id)
    bench.ended('a', 'canceled')
    bench.ended('b', 'canceled')
    bench.next('one')
    expect(bench.dispatch()).toEqual(['c→one'])
  })

  test('a long line keeps its order while it is taken from the front and the middle', () => {
    const bench = new Bench()
    const ids = Array.from({ length: 6_000 }, (_, at) => `w${at}`)
    for (const id of ids) bench.pending(id)
    for (const id of ids.slice(0, 2_500)) bench.ended(id)
    for (const [at, id] of ids.entries()) if (at % 2 === 1) bench.ended(id)
    bench.pending('w10')
    const left = ['w10', ...ids.slice(2_500).filter((_, at) => at % 2 === 0)]
    for (const id of left) bench.next(`for-${id}`)
    expect(bench.dispatch().map((pair) => pair.split('→')[0])).toEqual(left)
  })

  test('a change of priority moves it', () => {
    const bench = new Bench()
    bench.pending('a')
    bench.pending('b')
    bench.pending('b', { priority: 1 })
    bench.next('one')
    expect(bench.dispatch()).toEqual(['b→one'])
  })

  test('a requeue waits for its old attempt, and is then first by its age', async () => {
    const bench = new Bench()
    bench.pending('a', { notBefore: bench.clock.now() + 4_000 })
    bench.pending('b')
    bench.pending('c')
    bench.next('one')
    expect(bench.dispatch()).toEqual(['b→one'])
    expect(bench.index.nextWake()).toBe(4_000)
    await bench.clock.advance(4_000)
    bench.next('one')
    expect(bench.dispatch()).toEqual(['a→one'])
    expect(bench.index.nextWake()).toBeNull()
  })

  test('a requeue let go early, since its old attempt has stopped, goes at once', () => {
    const bench = new Bench()
    bench.pending('a', { notBefore: bench.clock.now() + 60_000 })
    bench.next('one')
    expect(bench.dispatch()).toEqual([])
    bench.pending('a', { notBefore: 0 })
    expect(bench.dispatch()).toEqual(['a→one'])
  })

  test('a change that comes late changes nothing', () => {
    const bench = new Bench()
    bench.index.apply(bench.change('a', 'running', 5))
    bench.index.apply(bench.change('a', 'pending', 4))
    bench.next('one')
    expect(bench.dispatch()).toEqual([])
  })

  test('paused: nothing goes out, everything else goes on; resumed: at once', () => {
    const bench = new Bench()
    bench.index.setPaused(true)
    bench.pending('a')
    bench.next('one')
    expect(bench.dispatch()).toEqual([])
    bench.pending('b', { priority: 1 })
    bench.index.setPaused(false)
    expect(bench.dispatch()).toEqual(['b→one'])
  })
})

describe('choice of the agent', () => {
  test('the higher score gets it', () => {
    const bench = new Bench()
    bench.next('any', { os: '*' })
    bench.next('exact', { os: 'linux' })
    bench.pending('a', { labels: { os: 'linux' } })
    expect(bench.dispatch()).toEqual(['a→exact'])
  })

  test('equal scores: the one with fewest running, then the longest waiting', () => {
    const bench = new Bench()
    for (const agent of ['one', 'one', 'two', 'two', 'three']) bench.next(agent)
    for (const id of ['a', 'b', 'c', 'd', 'e']) bench.pending(id)
    expect(bench.dispatch()).toEqual(['a→one', 'b→two', 'c→three', 'd→one', 'e→two'])
  })

  test('a name of its own does not change what an agent suits, unless a workflow asks for it', () => {
    const bench = new Bench()
    bench.next('one', { hostname: 'one', os: 'linux' })
    bench.next('two', { hostname: 'two', os: 'linux' })
    bench.pending('a', { labels: { hostname: 'two' } })
    bench.pending('b', { labels: { os: 'linux' } })
    expect(bench.dispatch()).toEqual(['a→two', 'b→one'])
  })

  test('what an agent runs since before a restart counts', () => {
    const bench = new Bench()
    bench.running('old')
    bench.index.holds('one', ['old:1'])
    bench.next('one')
    bench.next('two')
    bench.pending('a')
    expect(bench.dispatch()).toEqual(['a→two'])
    bench.ended('old')
    bench.next('two')
    bench.pending('b')
    expect(bench.dispatch()).toEqual(['b→one'])
  })

  test('an aborted next takes nothing', () => {
    const bench = new Bench()
    const { id } = bench.next('one')
    bench.index.close(id)
    bench.pending('a')
    expect(bench.dispatch()).toEqual([])
  })

  test('of five open nexts of an agent only its own are dropped with it', () => {
    const bench = new Bench()
    for (let i = 0; i < 5; i++) bench.next('one')
    bench.next('two')
    bench.index.drop('one')
    for (const id of ['a', 'b']) bench.pending(id)
    expect(bench.dispatch()).toEqual(['a→two'])
    expect(bench.index.size.waiting).toBe(0)
  })

  test('a closed socket drops what waits on it, not what waits on the newer one', () => {
    const bench = new Bench()
    bench.next('one', {}, 1)
    bench.next('one', {}, 2)
    bench.index.drop('one', 1)
    for (const id of ['a', 'b']) bench.pending(id)
    expect(bench.dispatch()).toEqual(['a→one'])
  })

  test.each([
    ['unschedulable', { schedulable: false }, { schedulable: true }],
    ['draining', { draining: true }, { draining: false }],
  ])('an %s agent goes on waiting and is given nothing', (_, off, on) => {
    const bench = new Bench()
    bench.next('one')
    bench.index.setAgent('one', off)
    bench.pending('a')
    expect(bench.dispatch()).toEqual([])
    bench.index.setAgent('one', on)
    expect(bench.dispatch()).toEqual(['a→one'])
  })
})

test('all counts are zero once there is nothing to do', async () => {
  const bench = new Bench()
  const open = [1, 2, 3].map(() => bench.next('one', { os: 'linux' }))
  for (const id of ['a', 'b', 'c', 'd']) bench.pending(id, { labels: { os: 'linux' }, group: 'g', limit: 2 })
  expect(bench.dispatch()).toHaveLength(2)
  bench.pending('a')
  await bench.clock.advance(60_000)
  for (const id of ['a', 'b', 'c', 'd']) bench.ended(id)
  for (const { id } of open) bench.index.close(id)
  expect(bench.dispatch()).toEqual([])
  expect(bench.index.size).toEqual({ workflows: 0, lanes: 0, groups: 0, labelSets: 0, waiting: 0, pairs: 0 })
  expect(bench.index.nextWake()).toBeNull()
})
