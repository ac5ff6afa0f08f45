import { describe, expect, test } from 'vitest'
import { BothEnds, type Hand } from '../support/both-ends.ts'
import { settle } from '../support/fake-clock.ts'
import { FrameProxy, type Mishap } from '../support/frame-proxy.ts'
import { onStage } from '../support/on-stage.ts'
import { Ticker } from '../support/ticker.ts'

describe('an offer', () => {
  test('whose socket dies before it arrives goes to another agent at once', async () => {
    const { both, first, second } = await twoAgents()
    first.wire.down.hold()
    const id = await offered(both)
    first.cut = true
    first.wire.server.terminate()
    await settle()
    await expectOwnedBy(both, second, id)
    first.cut = false
    await expectOneOwner(both, id, second, first)
  })

  test('whose socket dies before it is accepted goes to another agent at once', async () => {
    const { both, first, second } = await twoAgents()
    first.wire.up.hold()
    const id = await offered(both)
    first.cut = true
    first.wire.server.terminate()
    await settle()
    await expectOwnedBy(both, second, id)
    first.cut = false
    first.wire.up.release()
    await expectOneOwner(both, id, second, first)
  })

  test.each(['up', 'down'] as const)(
    'that a network swallows on its way %s lapses after 10 s; accepted later it is refused, and nothing of it runs',
    async (way) => {
      const { both, first, second } = await twoAgents()
      first.wire[way].hold()
      const id = await offered(both)
      await both.pass(9_000)
      expect(await both.show(id)).toMatchObject({ state: 'offered' })
      expect(second.jobs).toEqual([])
      await both.pass(2_000)
      await expectOwnedBy(both, second, id)
      first.wire[way].release()
      await settle()
      await expectOneOwner(both, id, second, first)
    },
  )

  test('whose acceptance crosses its lapse has one owner, whoever comes first', async () => {
    for (const early of [0, 1]) {
      const { both, first, second } = await twoAgents()
      first.wire.up.hold()
      const id = await offered(both)
      await both.house.clock.advance(9_999 + early)
      first.wire.up.release()
      await Promise.all([both.house.sweep(), settle()])
      await both.pass(1_000)
      expect([...first.jobs, ...second.jobs]).toHaveLength(1)
      await expectOneOwner(
        both,
        id,
        ...(first.jobs.length > 0 ? ([first, second] as const) : ([second, first] as const)),
      )
    }
  })
})

const MISHAPS: [what: string, mishap: Mishap][] = [
  ['the offer is lost with its socket', { direction: 'down', type: 'response', method: 'next', act: 'cut before' }],
  ['init is lost with its socket', { direction: 'up', type: 'request', method: 'init', act: 'cut before' }],
  ['init is lost and the socket stays', { direction: 'up', type: 'request', method: 'init', act: 'drop' }],
]

describe.concurrent('of two agents one runs the work, once, when', { timeout: 120_000 }, () => {
  test.each(MISHAPS)('%s', (_what, mishap) =>
    onStage(async (stage) => {
      await stage.serve('--test-timings', '--lease', '20s')
      const proxy = await FrameProxy.before(stage)
      await stage.agent({ name: 'unlucky', url: proxy.url })
      const struck = proxy.plan(mishap)
      const ticker = await Ticker.submit(stage, { flags: ['--grace', '1s'] })
      await struck
      await stage.agent({ name: 'lucky' })
      await ticker.ticked(20)
      ticker.letGo()
      await ticker.expectOnce(90_000)
      // It may still owe the server something: who leaves now would wait for the proxy, which leaves first.
      await stage.stopAgent('unlucky')
    }),
  )
})

/** The first waits for work; the second is there, and will as soon as something is offered. */
async function twoAgents(): Promise<{ both: BothEnds; first: Hand; second: Hand }> {
  const both = await BothEnds.open()
  const first = await both.agent('anvil')
  await both.pass(1_000)
  return { both, first, second: await both.agent('bellows') }
}

/** Submits one, which goes to whom has waited longest. */
async function offered(both: BothEnds): Promise<string> {
  const id = await both.house.submit()
  await settle()
  expect(await both.show(id)).toMatchObject({ state: 'offered' })
  return id
}

async function expectOwnedBy(both: BothEnds, hand: Hand, id: string): Promise<void> {
  expect(hand.jobs).toMatchObject([{ offer: { workflowId: id } }])
  expect(await both.show(id)).toMatchObject({ state: 'running', agent: hand.name, attempt: 1 })
}

/** It ends by its owner; the other never began it, and is well. */
async function expectOneOwner(both: BothEnds, id: string, owner: Hand, other: Hand): Promise<void> {
  await both.pass(60_000)
  expect(other.jobs).toEqual([])
  for (const job of owner.jobs) await owner.finish(job)
  await both.pass(1_000)
  expect(await both.show(id)).toMatchObject({ state: 'success', agent: owner.name, logs: 'complete' })
  expect(other.agent.peer.state).toBe('ready')
  expect(other.jobs).toEqual([])
}
