import { describe, expect, test } from 'vitest'
import { Bench } from './builder.ts'

function withSeats(count: number): Bench {
  const bench = new Bench()
  for (let i = 0; i < count; i++) bench.next('one', { os: '*' })
  return bench
}

describe('concurrency groups', () => {
  test('one at a time, in order of creation', () => {
    const bench = withSeats(5)
    for (const id of ['a', 'b', 'c']) bench.pending(id, { group: 'deploy' })
    expect(bench.dispatch()).toEqual(['a→one'])
    bench.running('a')
    expect(bench.dispatch()).toEqual([])
    bench.ended('a')
    expect(bench.dispatch()).toEqual(['b→one'])
    bench.ended('b')
    expect(bench.dispatch()).toEqual(['c→one'])
  })

  test('limit 2: two at a time', () => {
    const bench = withSeats(5)
    for (const id of ['a', 'b', 'c', 'd']) bench.pending(id, { group: 'deploy', limit: 2 })
    expect(bench.dispatch()).toEqual(['a→one', 'b→one'])
    bench.ended('b')
    expect(bench.dispatch()).toEqual(['c→one'])
  })

  test('a member that waits for another of its group is not in line, so nothing deadlocks', () => {
    const bench = withSeats(5)
    bench.pending('parent', { group: 'g', order: 2 })
    bench.index.apply({ kind: 'workflow', id: 'child', version: 1, state: 'waiting', lane: null, lease: null })
    expect(bench.dispatch()).toEqual(['parent→one'])
    bench.ended('parent')
    bench.pending('child', { group: 'g', order: 1 })
    expect(bench.dispatch()).toEqual(['child→one'])
  })

  test('different groups do not hold each other up, and no group is no hold', () => {
    const bench = withSeats(5)
    bench.running('x', { group: 'full' })
    bench.pending('a', { group: 'full', priority: 9 })
    bench.pending('b', { group: 'free' })
    bench.pending('c')
    expect(bench.dispatch()).toEqual(['b→one', 'c→one'])
  })

  test('an urgent member goes before one that was let in and not yet handed out', () => {
    const bench = new Bench()
    bench.pending('a', { group: 'g' })
    bench.pending('b', { group: 'g', priority: 1 })
    bench.next('one')
    expect(bench.dispatch()).toEqual(['b→one'])
  })

  test('the order holds across label sets: one that nobody suits keeps its place', () => {
    const bench = new Bench()
    bench.pending('a', { group: 'g', labels: { os: 'mac' } })
    bench.pending('b', { group: 'g', labels: { os: 'linux' } })
    bench.next('one', { os: 'linux' })
    expect(bench.dispatch()).toEqual([])
    bench.next('two', { os: 'mac' })
    expect(bench.dispatch()).toEqual(['a→two'])
    bench.ended('a')
    expect(bench.dispatch()).toEqual(['b→one'])
  })

  test('one that is requeued keeps its place while its old attempt may still run', async () => {
    const bench = withSeats(3)
    bench.pending('a', { group: 'g', notBefore: bench.clock.now() + 1_000 })
    bench.pending('b', { group: 'g' })
    expect(bench.dispatch()).toEqual([])
    await bench.clock.advance(1_000)
    expect(bench.dispatch()).toEqual(['a→one'])
  })

  test('what runs since before a restart holds its place', () => {
    const bench = withSeats(3)
    bench.index.startLoading()
    bench.index.apply(bench.change('b', 'pending', 1, { group: 'g', order: 1 }))
    expect(bench.dispatch()).toEqual([])
    bench.index.apply(bench.change('a', 'running', 1, { group: 'g', order: 2 }))
    bench.index.finishLoading()
    expect(bench.dispatch()).toEqual([])
    bench.ended('a')
    expect(bench.dispatch()).toEqual(['b→one'])
  })

  test('members of differing limits: each asks for its own', () => {
    const bench = withSeats(5)
    bench.pending('a', { group: 'g', limit: 2 })
    bench.pending('b', { group: 'g', limit: 1 })
    bench.pending('c', { group: 'g', limit: 3 })
    expect(bench.dispatch()).toEqual(['a→one'])
    bench.ended('a')
    expect(bench.dispatch()).toEqual(['b→one', 'c→one'])
  })
})
