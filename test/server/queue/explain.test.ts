import { describe, expect, test } from 'vitest'
import { agentView, Bench, detail } from './builder.ts'

const linux = { os: 'linux' }

/** `agent: code`, or the code alone. */
function codes(bench: Bench, id: string, agents = [agentView('one', { labels: linux })], over = {}): string[] {
  const reasons = bench.index.explain(detail(id, { labels: linux, ...over }), agents)
  return reasons.map(({ agent, code }) => (agent === undefined ? code : `${agent}: ${code}`))
}

describe('explain', () => {
  test('says of each agent why it does not have it', () => {
    const bench = new Bench()
    bench.pending('a', { labels: linux })
    bench.refused('a', 'picky')
    bench.index.lapsed('silent')
    for (const agent of ['picky', 'silent']) bench.next(agent, linux)
    const agents = [
      agentView('mac', { labels: { os: 'mac' } }),
      agentView('strict', { labels: { ...linux, '!org': 'x' } }),
      agentView('gone', { labels: linux, state: 'offline' }),
      agentView('leaving', { labels: linux, state: 'draining' }),
      agentView('shut', { labels: linux, schedulable: false }),
      agentView('picky', { labels: linux }),
      agentView('silent', { labels: linux }),
      agentView('full', { labels: linux, running: 2, capacity: 2 }),
    ]
    expect(codes(bench, 'a', agents)).toEqual([
      'mac: labels',
      'strict: required_label',
      'gone: offline',
      'leaving: draining',
      'shut: unschedulable',
      'picky: excluded',
      'silent: excluded',
      'full: capacity',
    ])
  })

  test('nothing of an agent that is about to have it', () => {
    const bench = new Bench()
    bench.pending('a', { labels: linux })
    bench.next('one', linux)
    expect(codes(bench, 'a')).toEqual([])
  })

  test('the filter of its open requests counts as well', () => {
    const bench = new Bench()
    bench.pending('a', { labels: linux })
    bench.next('one', { ...linux, '!org': 'x' })
    expect(codes(bench, 'a')).toEqual(['one: required_label'])
  })

  test('that nobody is there at all', () => {
    const bench = new Bench()
    bench.pending('a', { labels: linux })
    expect(codes(bench, 'a', [])).toEqual(['offline'])
  })

  test('a full group, and who of it goes first', () => {
    const bench = new Bench()
    bench.running('x', { group: 'deploy' })
    for (const id of ['a', 'b']) bench.pending(id, { labels: linux, group: 'deploy' })
    bench.next('one', linux)
    const [reason] = bench.index.explain(detail('b', { labels: linux }), [agentView('one', { labels: linux })])
    expect(reason).toEqual({
      code: 'concurrency',
      message: 'group deploy has 1 of 1 running, and a goes first',
    })
  })

  test('pause, an old attempt, and whoever goes first', () => {
    const bench = new Bench()
    bench.pending('first', { labels: linux })
    bench.pending('a', { labels: linux })
    bench.pending('b', { labels: linux, notBefore: bench.clock.now() + 5_000 })
    bench.index.setPaused(true)
    expect(codes(bench, 'a')).toEqual(['paused', 'priority', 'one: capacity'])
    expect(codes(bench, 'b')).toEqual(['paused', 'concurrency', 'one: capacity'])
  })

  test('dependencies that have not ended', () => {
    const bench = new Bench()
    const dependsOn = [
      { id: 'p', name: 'build', state: 'running' as const },
      { id: 'q', name: 'lint', state: 'success' as const },
    ]
    const reasons = bench.index.explain(detail('a', { state: 'waiting', dependsOn }), [])
    expect(reasons[0]).toEqual({ code: 'dependency', message: 'waits for build (p), which is running' })
    expect(reasons).toHaveLength(2)
  })

  test('nothing of one that runs or has ended', () => {
    const bench = new Bench()
    bench.running('a', { labels: linux })
    expect(codes(bench, 'a')).toEqual([])
    expect(codes(bench, 'z', [], { state: 'failure' })).toEqual([])
  })

  test('of very many agents as much as fits an answer', () => {
    const bench = new Bench()
    bench.pending('a', { labels: linux })
    const agents = Array.from({ length: 2_000 }, (_, at) => agentView(`agent-${at}`))
    const reasons = bench.index.explain(detail('a', { labels: linux }), agents)
    expect(reasons).toHaveLength(500)
    expect(reasons.at(-1)?.message).toBe('and 1501 more agents that cannot have it')
  })
})
