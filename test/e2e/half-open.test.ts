import { describe, expect, test } from 'vitest'
import { Beats } from '../support/beats.ts'
import { BothEnds, type Hand } from '../support/both-ends.ts'
import { onStage } from '../support/on-stage.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'
import { Ticker } from '../support/ticker.ts'
import { waitUntil } from '../support/wait-until.ts'

type Way = 'up' | 'down' | 'both'

describe('by the limits of a real server and a real agent, on a clock of our own, a network that swallows', () => {
  test.each<Way>(['up', 'down', 'both'])('%s for 20 s: the same socket and lease, every line once', async (way) => {
    const both = await BothEnds.open()
    const hand = await both.agent('anvil')
    const { id, job } = await both.working(hand)
    const before = await tickFor(both, hand, 30)
    swallow(hand, way)
    const during = await tickFor(both, hand, 20, before)
    hand.wire.release()
    const last = await tickFor(both, hand, 10, during)
    await hand.finish(job)
    await both.pass(1_000)
    expect(hand.wires).toHaveLength(1)
    await expectWhole(both, id, last)
  })

  test.each<Way>(['up', 'both'])('%s: the server has given the agent up after 25 s', async (way) => {
    const both = await BothEnds.open()
    const hand = await both.agent('anvil')
    await both.working(hand)
    const last = await tickFor(both, hand, 30)
    swallow(hand, way)
    await tickFor(both, hand, 20, last)
    expect(await isOnline(both)).toBe(true)
    await both.pass(5_000)
    expect(await isOnline(both)).toBe(false)
  })

  test.each<Way>(['down', 'both'])('%s: the agent has given the server up after 40 s', async (way) => {
    const both = await BothEnds.open()
    const hand = await both.agent('anvil')
    await both.working(hand)
    await tickFor(both, hand, 30)
    swallow(hand, way)
    await both.pass(20_000)
    expect(hand.said).toEqual([])
    await both.pass(20_000)
    expect(hand.said).toMatchObject([{ text: expect.stringContaining('no connection'), fields: { code: 4002 } }])
  })

  test.each<Way>(['up', 'down', 'both'])(
    '%s and never heals: the agent goes on over a new one with its lease',
    async (way) => {
      const both = await BothEnds.open()
      const hand = await both.agent('anvil')
      const { id, job } = await both.working(hand)
      const before = await tickFor(both, hand, 30)
      swallow(hand, way)
      const last = await tickFor(both, hand, 60, before)
      expect(hand.wires.length).toBeGreaterThan(1)
      await hand.finish(job)
      await both.pass(1_000)
      await expectWhole(both, id, last)
    },
  )

  test('all for longer than the lease: the work is stopped, then handed out again, once', async () => {
    const both = await BothEnds.open()
    const { clock } = both.house
    const [first, second] = [await both.agent('anvil'), await both.agent('bellows')]
    const { id, job } = await both.working(first, { leaseMs: 60_000 })
    const heard = await tickFor(both, first, 30)
    first.cut = true
    first.wire.hold()
    let stopped = 0
    job.signal.addEventListener('abort', () => {
      stopped = clock.monotonic()
    })
    await tickFor(both, first, 20, heard)
    expect(second.jobs).toEqual([])
    await both.pass(70_000)
    const [again] = second.jobs
    expect(again?.offer).toMatchObject({ workflowId: id, attempt: 2 })
    // It stops 15 s before its 60 s are over, and the server waits 10 s longer than that.
    expect(stopped).toBeGreaterThan(0)
    expect(clock.monotonic() - stopped).toBeGreaterThanOrEqual(25_000)

    first.cut = false
    await both.pass(60_000)
    if (again !== undefined) await second.finish(again)
    await both.pass(10_000)
    expect(await both.show(id)).toMatchObject({ state: 'success', attempt: 2, agent: 'bellows', logs: 'complete' })
    expect([first.jobs.length, second.jobs.length]).toEqual([1, 1])
    expect(await both.lines(id, 1)).toEqual(upTo(heard + 20))
  })
})

const flags = ['--test-timings', '--lease', '15s']
const grace = ['--grace', '1s']

describe.concurrent('over sockets, a network that swallows', { timeout: 180_000 }, () => {
  test.each<Way>(['up', 'down', 'both'])('%s while a hundred lines are made: the same lease, every line once', (way) =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const proxy = await TcpProxy.before(stage)
      await stage.agent({ name: 'steady', url: proxy.url })
      const ticker = await Ticker.submit(stage, { flags: grace })
      const { steps } = await ticker.ticked(20)
      if (way !== 'down') proxy.up.hold()
      if (way !== 'up') proxy.down.hold()
      await ticker.goesOn(100)
      proxy.up.release()
      proxy.down.release()
      await ticker.ticked((steps[0]?.lines ?? 0) + 20)
      ticker.letGo()
      await ticker.expectOnce(120_000)
      // It may still owe the server something: who leaves now would wait for the proxy, which leaves first.
      await stage.stopAgent('steady')
    }),
  )

  test('both ways for longer than the lease: the work has stopped before another begins, once', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const proxy = await TcpProxy.before(stage)
      await stage.agent({ name: 'first', url: proxy.url })
      const beats = await Beats.submit(stage, { flags: grace })
      await beats.of(1)
      proxy.up.hold()
      proxy.down.hold()
      await stage.agent({ name: 'second' })
      await beats.of(2)
      proxy.up.release()
      proxy.down.release()
      await stage.online('first')
      beats.letGo()
      expect(await stage.watch.ended(beats.id, 120_000)).toMatchObject({
        state: 'success',
        attempt: 2,
        agent: 'second',
      })
      beats.expectOneAfterTheOther(1, 2)
      await waitUntil(() => stage.watch.isOnline('first'), { limitMs: 60_000 })
      await stage.stopAgent('first')
    }))
})

function swallow({ wire }: Hand, way: Way): void {
  if (way !== 'down') wire.up.hold()
  if (way !== 'up') wire.down.hold()
}

async function isOnline({ house }: BothEnds): Promise<boolean> {
  const { agents } = await house.store.listAgents({ limit: 1 })
  return agents[0]?.state === 'online'
}

const tick = (at: number) => `tick ${at}`
const upTo = (last: number) => Array.from({ length: last }, (_, at) => tick(at + 1))

/** Says a line a second for so long; answers the number of the last. */
async function tickFor(both: BothEnds, hand: Hand, seconds: number, from = 0): Promise<number> {
  for (let at = from + 1; at <= from + seconds; at++) {
    hand.jobs.at(-1)?.steps[0]?.write('out', tick(at))
    await both.pass(1_000)
  }
  return from + seconds
}

async function expectWhole(both: BothEnds, id: string, last: number): Promise<void> {
  expect(await both.show(id)).toMatchObject({ state: 'success', attempt: 1, logs: 'complete', missing: [] })
  expect(await both.lines(id, 1)).toEqual(upTo(last))
}
