import { describe, expect, test } from 'vitest'
import { extendEvery, fenceOf } from '../../src/agent/fence.ts'
import type { Job, Stop } from '../../src/agent/index.ts'
import { LeaseLost } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { ENDED, offer } from './offers.ts'
import { accept, connected, reconnect, running } from './stage.ts'

/** Notes how a wait ended. */
function watched(wait: Promise<unknown>): { ended: unknown } {
  const seen: { ended: unknown } = { ended: undefined }
  wait.then(
    (how) => {
      seen.ended = how
    },
    (error: unknown) => {
      seen.ended = error
    },
  )
  return seen
}

describe('the fence', () => {
  test('begins at TTL − grace − 5 s, and in proportion for leases that only tests have', () => {
    expect(fenceOf(300_000, 10_000)).toEqual({ stopAfterMs: 285_000, graceMs: 10_000, lastMs: 297_500 })
    expect(fenceOf(30_000, 10_000).stopAfterMs).toBe(15_000)
    const short = fenceOf(3_000, 10_000)
    expect(short.graceMs).toBe(1_000)
    expect(short.stopAfterMs).toBeCloseTo(1_500)
    for (const ttl of [1_000, 5_000, 60_000, 300_000]) {
      expect(extendEvery(ttl) * 2).toBeLessThanOrEqual(fenceOf(ttl, ttl).stopAfterMs)
    }
  })

  test('stops work the server has not answered for, counted from the sending', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    const seen = watched(peer.wait(work))
    server.greets = false
    server.last.cut()
    await clock.advance(284_900)
    expect(seen.ended).toBeUndefined()
    await clock.advance(200)
    expect(seen.ended).toBeInstanceOf(LeaseLost)
  })

  test('fires within a second after a machine wakes up from too long a sleep', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    const seen = watched(peer.wait(work))
    server.on('extend', () => new Promise(() => {}))
    clock.jump(284_000)
    await clock.advance(900)
    expect(seen.ended).toBeUndefined()
    await clock.advance(1_000)
    expect(seen.ended).toBeInstanceOf(LeaseLost)
  })

  test('after a sleep past the end stops the work at once, before a single byte leaves', async () => {
    const jobs: Job[] = []
    const { server, clock } = await running((job) => new Promise(() => void jobs.push(job)))
    server.offer(offer('l1'))
    await settle()
    const [job] = jobs
    const heardAtStop: string[][] = []
    job?.signal.addEventListener('abort', () => void heardAtStop.push([...server.last.heard]))
    const heard = [...server.last.heard]

    clock.jump(400_000)
    job?.step('build').write('out', 'more than a frame holds\n'.repeat(1_000))
    await settle()
    expect(heardAtStop).toEqual([heard])
    expect(job?.signal.reason).toMatchObject({ why: 'lost', graceMs: 0 })
    await clock.advance(1)
    expect(server.last.heard).toContain('log')
  })

  test('after a stop past the end takes the death of a step, which its guardian brought about, for no outcome', async () => {
    const jobs: { job: Job; end: () => void }[] = []
    const { server, clock } = await running((job) => new Promise((end) => void jobs.push({ job, end })))
    server.offer(offer('l1'))
    await settle()
    clock.jump(298_000)
    jobs[0]?.job.step('build').end({ state: 'failure', exitCode: 137 })
    jobs[0]?.end()
    await clock.advance(1_000)
    expect(server.callsOf('update')).toEqual([])
    expect(server.callsOf('done')).toEqual([])
    expect(server.callsOf('extend').at(-1)?.params).toEqual({ leases: [{ lease: 'l1', phase: 'fenced' }] })
  })

  test('leaves the work what is left of its grace', async () => {
    const jobs: Job[] = []
    const { server, clock } = await running((job) => new Promise(() => void jobs.push(job)))
    server.on('extend', () => new Promise(() => {}))
    server.offer(offer('l1'))
    await settle()
    clock.jump(288_000)
    await clock.advance(1_000)
    const stop = jobs[0]?.signal.reason as Stop | undefined
    expect(stop?.why).toBe('lost')
    expect(stop?.graceMs).toBeGreaterThanOrEqual(6_000)
    expect(stop?.graceMs).toBeLessThanOrEqual(7_000)
  })

  test('says fenced once the work has settled, and the lines go with it', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    server.greets = false
    peer.enqueueLog(work, { stepId: 'build', kind: 'out', text: 'before' })
    server.last.cut()
    await clock.advance(286_000)
    server.greets = true
    server.welcome = (hello) => ({ claims: hello.claims.map(({ lease }) => ({ lease, verdict: 'keep', steps: [] })) })
    await clock.advance(60_000)
    expect(server.last.hello?.claims).toEqual([
      { lease: 'l1', phase: 'stopping', steps: [{ stepId: 'build', next: 2 }] },
    ])
    server.on('extend', () => ({ claims: [{ lease: 'l1', verdict: 'logs' }] }))
    await peer.done(work, ENDED)
    await settle()
    expect(server.callsOf('extend').at(-1)?.params).toEqual({ leases: [{ lease: 'l1', phase: 'fenced' }] })
    expect(server.callsOf('done')).toHaveLength(0)
    expect(server.framesOf('log').at(-1)?.text).toBe('before\n')
  })

  test('a hello that keeps the lease counts as its renewal', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    const seen = watched(peer.wait(work))
    server.on('extend', () => new Promise(() => {}))
    await clock.advance(200_000)
    await reconnect({ server, clock })
    await clock.advance(200_000)
    expect(seen.ended).toBeUndefined()
    await clock.advance(90_000)
    expect(seen.ended).toBeInstanceOf(LeaseLost)
  })

  test('work whose caller gave the accepting up is not kept alive', async () => {
    const { peer, server, clock } = await connected()
    server.offer(offer('l1'))
    const work = await peer.next()
    const init = peer.init(work ?? offer('l1'), { ...ENDED, finished: 0 }, { signal: AbortSignal.abort() })
    await expect(init).rejects.toMatchObject({ code: 'canceled' })
    await clock.advance(200_000)
    expect(server.callsOf('extend')).toHaveLength(0)
    server.on('extend', () => ({ claims: [{ lease: 'l1', verdict: 'lost' }] }))
    await clock.advance(120_000)
    expect(server.callsOf('extend').map(({ params }) => params)).toEqual([
      { leases: [{ lease: 'l1', phase: 'fenced' }] },
    ])
    await peer.delivered()
  })
})

describe('extend', () => {
  test('renews all leases at once every 20 s, and not while there is no connection', async () => {
    const { peer, server, clock } = await connected()
    await accept(peer, server, offer('l1'))
    await accept(peer, server, offer('l2'))
    await clock.advance(100_500)
    expect(server.callsOf('extend')).toHaveLength(5)
    expect(server.callsOf('extend')[0]?.params).toEqual({
      leases: [
        { lease: 'l1', phase: 'running' },
        { lease: 'l2', phase: 'running' },
      ],
    })
    server.greets = false
    server.last.cut()
    await clock.advance(100_000)
    expect(server.callsOf('extend')).toHaveLength(5)
  })

  test('at least three times a TTL for a short lease', async () => {
    const { peer, server, clock } = await connected()
    await accept(peer, server, offer('l1', { ttlMs: 30_000 }))
    await clock.advance(30_000)
    expect(server.callsOf('extend').length).toBeGreaterThanOrEqual(3)
    expect(server.callsOf('extend').length).toBeLessThanOrEqual(5)
  })

  test('asked for, says when the lease is gone', async () => {
    const { peer, server } = await connected()
    const work = await accept(peer, server, offer('l1'))
    await peer.extend(work)
    server.on('extend', () => ({ claims: [{ lease: 'l1', verdict: 'lost' }] }))
    await expect(peer.extend(work)).rejects.toBeInstanceOf(LeaseLost)
  })

  test('stops once nothing is held', async () => {
    const { peer, server, clock } = await connected()
    const work = await accept(peer, server, offer('l1'))
    await peer.done(work, ENDED)
    await clock.advance(100_000)
    expect(server.callsOf('extend')).toHaveLength(0)
  })
})
