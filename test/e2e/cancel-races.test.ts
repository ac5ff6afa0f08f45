import { describe, expect, test } from 'vitest'
import type { ResultOf, WorkflowStateName } from '../../src/protocol/index.ts'
import type { TestClient } from '../server/support/client.ts'
import { BothEnds, type Hand } from '../support/both-ends.ts'
import { settle } from '../support/fake-clock.ts'

describe('a cancel', () => {
  test('that crosses the offer: nothing is begun, and the work is never handed out again', async () => {
    const { both, hand, operator } = await scene()
    hand.wire.down.hold()
    const id = await both.house.submit()
    await settle()
    expect(await both.show(id)).toMatchObject({ state: 'offered' })
    expect(await cancel(operator, id)).toMatchObject({ state: 'canceled', already: false })
    hand.wire.down.release()
    await both.pass(60_000)
    expect(hand.jobs).toEqual([])
    expect(await both.show(id)).toMatchObject({ state: 'canceled', attempt: 0 })
    await expectToWorkOn(both, hand)
  })

  test('that crosses the init: nothing is begun, and the work is never handed out again', async () => {
    const { both, hand, operator } = await scene()
    hand.wire.up.hold()
    const id = await both.house.submit()
    await settle()
    await cancel(operator, id)
    hand.wire.up.release()
    await both.pass(60_000)
    expect(hand.jobs).toEqual([])
    expect(await both.show(id)).toMatchObject({ state: 'canceled', attempt: 0 })
    await expectToWorkOn(both, hand)
  })

  test('that crosses the answer to init: the work stops as soon as it has begun', async () => {
    const { both, hand, operator } = await scene()
    const id = await both.house.submit()
    hand.wire.down.hold()
    await settle()
    hand.wire.down.release()
    await settle()
    await cancel(operator, id)
    await settle()
    expect(hand.jobs[0]?.signal.reason).toMatchObject({ why: 'canceled' })
    expect(await both.show(id)).toMatchObject({ state: 'canceled' })
  })

  test('while the agent is out of reach: its work stops at the very moment it is welcome again', async () => {
    const { both, hand, operator } = await scene()
    const { id, job } = await both.working(hand)
    const { clock } = both.house
    const welcomed: number[] = []
    const stopped: number[] = []
    hand.agent.peer.onState((state) => void (state === 'ready' && welcomed.push(clock.monotonic())))
    job.signal.addEventListener('abort', () => void stopped.push(clock.monotonic()))
    hand.cut = true
    hand.wire.client.terminate()
    await both.pass(30_000)
    expect(await cancel(operator, id)).toMatchObject({ state: 'running', already: false })
    await both.pass(30_000)
    expect(stopped).toEqual([])
    hand.cut = false
    await both.pass(20_000)
    expect(stopped).toHaveLength(1)
    expect(stopped).toEqual(welcomed)
    expect(await both.show(id)).toMatchObject({ state: 'canceled', attempt: 1 })
    expect(await endings(operator, id)).toEqual(['canceled'])
  })

  test('that crosses the result: the server’s intent wins, and there is one end', async () => {
    const { both, hand, operator } = await scene()
    const { id, job } = await both.working(hand)
    hand.wire.up.hold()
    await hand.finish(job)
    expect(await cancel(operator, id)).toMatchObject({ state: 'running', already: false })
    await settle()
    hand.wire.up.release()
    await both.pass(60_000)
    expect(await both.show(id)).toMatchObject({ state: 'canceled', steps: [{ state: 'success' }] })
    expect(await endings(operator, id)).toEqual(['canceled'])
    await expectToWorkOn(both, hand)
  })

  test('after the result, whose answer is still on its way: changes nothing and says so', async () => {
    const { both, hand, operator } = await scene()
    const { id, job } = await both.working(hand)
    hand.wire.down.hold()
    await hand.finish(job)
    expect(await cancel(operator, id)).toEqual({ id, state: 'success', already: true })
    hand.wire.down.release()
    await both.pass(60_000)
    expect(await both.show(id)).toMatchObject({ state: 'success', cancel: null })
    expect(await endings(operator, id)).toEqual(['success'])
    await expectToWorkOn(both, hand)
  })

  test('twice at once: acts once, under the first reason', async () => {
    const { both, hand, operator } = await scene()
    const { id, job } = await both.working(hand)
    let stops = 0
    job.signal.addEventListener('abort', () => stops++)
    await Promise.all([cancel(operator, id, 'the first'), cancel(operator, id, 'the second')])
    await both.pass(20_000)
    expect(stops).toBe(1)
    expect(await both.show(id)).toMatchObject({ state: 'canceled', cancel: { reason: 'the first' } })
    expect(await endings(operator, id)).toEqual(['canceled'])
  })

  test('is receipted step by step, each with its time', async () => {
    const { both, hand, operator } = await scene({ stubborn: true })
    const { id, job } = await both.working(hand)
    const asked = both.house.clock.now()
    await cancel(operator, id)
    await both.pass(5_000)
    await hand.finish(job)
    await both.pass(1_000)
    const [told, stopped] = [new Date(asked), new Date(asked + 5_000)]
    expect(await both.show(id)).toMatchObject({ cancel: { requested: told, received: told, stopping: told, stopped } })
  })

  test('is receipted as far as it has come, also when the receipts come over another connection', async () => {
    const { both, hand, operator } = await scene({ stubborn: true })
    const { id, job } = await both.working(hand)
    const { clock } = both.house
    hand.cut = true
    hand.wire.client.terminate()
    const requested = clock.now()
    await cancel(operator, id)
    await both.pass(10_000)
    hand.cut = false
    await both.pass(15_000)
    const told = (await both.show(id)).cancel
    expect(told).toMatchObject({ requested: new Date(requested), stopped: null })
    expect(told?.received?.getTime()).toBeGreaterThan(requested)
    expect(told?.stopping?.getTime()).toBeGreaterThanOrEqual(told?.received?.getTime() ?? Number.NaN)
    await both.pass(5_000)
    hand.wire.client.terminate()
    await hand.finish(job)
    await both.pass(20_000)
    const { cancel: stopped, state } = await both.show(id)
    expect(state).toBe('canceled')
    expect(stopped).toMatchObject({ received: told?.received, stopping: told?.stopping })
    expect(stopped?.stopped?.getTime()).toBeGreaterThan(told?.stopping?.getTime() ?? Number.NaN)
  })
})

describe('a cancel of work that does not stop', () => {
  test('is final without it; that it has stopped later is noted', async () => {
    const { both, hand, operator } = await scene({ stubborn: true })
    const { id, job } = await both.working(hand)
    await cancel(operator, id)
    await both.pass(45_000)
    expect(await both.show(id)).toMatchObject({ state: 'canceled', cancel: { stopped: null } })
    const stopped = new Date(both.house.clock.now())
    await hand.finish(job)
    await both.pass(5_000)
    expect(await both.show(id)).toMatchObject({ state: 'canceled', cancel: { stopped } })
    expect(await endings(operator, id)).toEqual(['canceled'])
    await expectToWorkOn(both, hand)
  })
})

describe('a cancel of work whose agent never comes back', () => {
  test.each([
    ['is final after its grace and 30 s', {}, 40],
    ['is final when the lease is over, if that is sooner', { leaseMs: 30_000 }, 25],
  ])('%s, and it is in no queue any more', async (_how, spec, seconds) => {
    const { both, hand, operator } = await scene()
    const { id } = await both.working(hand, spec)
    hand.cut = true
    hand.wire.client.terminate()
    await both.pass(15_000)
    await cancel(operator, id)
    await both.pass((seconds - 2) * 1_000)
    expect(await both.show(id)).toMatchObject({ state: 'running', cancel: { received: null } })
    await both.pass(4_000)
    expect(await both.show(id)).toMatchObject({ state: 'canceled', attempt: 1 })
    const other = await both.agent('bellows')
    await both.pass(400_000)
    expect(other.jobs).toEqual([])
    expect(await both.show(id)).toMatchObject({ state: 'canceled', attempt: 1 })
    expect(await endings(operator, id)).toEqual(['canceled'])
  })
})

interface Scene {
  both: BothEnds
  hand: Hand
  /** Watches all workflows. */
  operator: TestClient
}

async function scene(options: { stubborn?: boolean } = {}): Promise<Scene> {
  const both = await BothEnds.open()
  const operator = await both.house.operator()
  await operator.call('subscribe', { subscription: 'all', topic: 'workflows' })
  return { both, operator, hand: await both.agent('anvil', options) }
}

async function cancel(operator: TestClient, id: string, reason = ''): Promise<ResultOf<'cancel'>['workflows'][number]> {
  const { workflows } = await operator.call('cancel', { ids: [id], reason })
  const [told] = workflows
  if (told === undefined) throw new Error('the cancel says nothing of the workflow')
  return told
}

const ENDED: readonly WorkflowStateName[] = ['success', 'failure', 'canceled', 'skipped', 'error']

/** The states that a watcher has seen of a workflow since it first ended. */
async function endings(operator: TestClient, id: string): Promise<WorkflowStateName[]> {
  await operator.call('queue.info', {})
  const states = operator.all('event').flatMap(({ data }) => {
    return data.kind === 'workflow' && data.workflow.id === id ? [data.workflow.state] : []
  })
  const first = states.findIndex((state) => ENDED.includes(state))
  return first < 0 ? [] : [...new Set(states.slice(first))]
}

/** The agent is free again, and in its right mind. */
async function expectToWorkOn(both: BothEnds, hand: Hand): Promise<void> {
  const { id, job } = await both.working(hand, { name: 'next' })
  await hand.finish(job)
  await both.pass(1_000)
  expect(await both.show(id)).toMatchObject({ state: 'success', attempt: 1, logs: 'complete' })
}
