import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/server/store/store.ts'
import { INFO } from '../server/support/client.ts'
import { BEGUN, openHouse } from '../server/support/house.ts'
import { BothEnds, type Hand } from '../support/both-ends.ts'
import { settle } from '../support/fake-clock.ts'

describe('a late commit after a verdict', () => {
  test.each(['accept', 'update', 'appendLog', 'finish'] as const)(
    'of %s, asked by a connection that a newer one has replaced, changes nothing',
    async (op) => {
      const gate = gateOn(op)
      const both = await BothEnds.open(gate.wrap)
      const hand = await both.agent('anvil')
      const id = await both.house.submit()
      await settle()
      if (op !== 'accept') hand.jobs[0]?.steps[0]?.write('out', 'one\ntwo')
      await both.pass(1_000)
      if (op === 'finish') await finishAll(hand)
      expect(gate.held).toBe(1)
      hand.wire.client.terminate()
      await both.pass(40_000)
      const [job] = hand.jobs
      if (op === 'accept') job?.steps[0]?.write('out', 'one\ntwo')
      gate.open()
      await both.pass(1_000)
      await finishAll(hand)
      await both.pass(1_000)
      expect(await gate.outcome).toBe('stale_lease')
      expect(hand.jobs).toHaveLength(1)
      expect(await both.show(id)).toMatchObject({ state: 'success', attempt: 1, logs: 'complete' })
      expect(await both.lines(id, 1)).toEqual(['one', 'two'])
    },
  )
})

describe('what an older connection sent last', () => {
  test('and the store does only after the verdicts for a newer one: not a line and no state of it is written', async () => {
    const gates = (['update', 'appendLog', 'finish'] as const).map(gateOn)
    const house = await openHouse((store) => gates.reduce((wrapped, { wrap }) => wrap(wrapped), store))
    const credential = await house.credential('agent')
    const older = house.connect(credential)
    await older.arrive()
    const { lease, workflowId } = await house.running(older)
    const late = { lease, stepId: 's1', from: 1, text: 'late\n', runs: [[1, 0, 'out']] as [number, number, 'out'][] }
    const step = { stepId: 's1', state: 'failure' as const, started: 1, finished: 2, exitCode: 1, error: '' }
    older.send({ type: 'log', ...late })
    const lost = [
      older.call('update', { lease, seq: 1, step }),
      older.call('done', { lease, state: { ...BEGUN, finished: 2 }, steps: [{ ...step, lines: 1 }] }),
    ].map((call) => expect(call).rejects.toMatchObject({ code: 'unavailable' }))
    await settle()
    expect(gates.map(({ held }) => held)).toEqual([1, 1, 1])
    const newer = house.connect(credential)
    const claims = [{ lease, phase: 'running' as const, steps: [{ stepId: 's1', next: 2 }] }]
    expect((await newer.arrive({ boot: older.boot, dial: 2, claims })).claims).toMatchObject([{ verdict: 'keep' }])
    for (const gate of gates) gate.open()
    expect(await Promise.all(gates.map(({ outcome }) => outcome))).toEqual(Array(3).fill('stale_lease'))
    await Promise.all(lost)
    expect(await house.show(workflowId)).toMatchObject({ state: 'running', steps: [{ state: 'pending', lines: 0 }] })
  })
})

describe('the hello of an older dial', () => {
  test('that arrives after the welcome of a newer one is refused 4007', async () => {
    const house = await openHouse()
    const credential = await house.credential('agent')
    const [older, newer] = [house.connect(credential), house.connect(credential)]
    older.hold(true)
    older.hello({ agent: INFO, boot: 'one', dial: 1 })
    await newer.arrive({ boot: 'one', dial: 2 })
    older.hold(false)
    expect(await older.end()).toMatchObject({ code: 4007 })
    expect(newer.ended).toBeUndefined()
    await house.running(newer)
  })

  test('takes nothing from the agent that has long given that dial up', async () => {
    const both = await BothEnds.open()
    const hand = await both.agent('anvil')
    const { id, job } = await both.working(hand)
    hand.held = true
    hand.wire.client.terminate()
    await both.pass(20_000)
    const [, older] = hand.wires
    hand.held = false
    await both.pass(40_000)
    expect(hand.wires.length).toBeGreaterThan(2)
    expect(hand.agent.peer.state).toBe('ready')
    const newest = hand.wire
    older?.release()
    await both.pass(60_000)
    expect(hand.wire).toBe(newest)
    job.steps[0]?.write('out', 'still here')
    await hand.finish(job)
    await both.pass(1_000)
    expect(await both.show(id)).toMatchObject({ state: 'success', attempt: 1 })
    expect(await both.lines(id, 1)).toEqual(['still here'])
  })
})

describe('another boot while the first is alive and unread', () => {
  test('is let in; the first stays away, and stops its work before that is handed out again', async () => {
    const both = await BothEnds.open()
    const { clock } = both.house
    const first = await both.agent('anvil')
    const { id, job } = await both.working(first, { leaseMs: 60_000 })
    job.steps[0]?.write('out', 'by the first')
    await both.pass(20_000)
    const stopped: number[] = []
    job.signal.addEventListener('abort', () => void stopped.push(clock.monotonic()))
    // It is well and answers; the server comes to read nothing of it.
    first.wire.up.hold()
    const second = await both.agent('anvil')
    await both.pass(6_000)
    expect(second.agent.peer.state).toBe('ready')
    expect(first.said).toMatchObject([{ fields: { code: 4007 } }])
    expect(second.jobs).toEqual([])
    await both.pass(60_000)
    const [again] = second.jobs
    expect(again?.offer).toMatchObject({ workflowId: id, attempt: 2 })
    expect(stopped).toHaveLength(1)
    expect(await both.show(id)).toMatchObject({ state: 'running', attempt: 2 })
    await finishAll(second)
    await both.pass(120_000)
    expect(await both.show(id)).toMatchObject({ state: 'success', attempt: 2 })
    expect([first.jobs.length, second.jobs.length]).toEqual([1, 1])
    expect(second.wires).toHaveLength(1)
  })
})

describe('attempt 2', () => {
  test.each([
    ['fewer', 2],
    ['more', 9],
    ['no', 0],
  ])(
    'with %s lines than attempt 1 has a log of its own, also when lines of the first come late',
    async (_what, made) => {
      const both = await BothEnds.open()
      const [first, second] = [await both.agent('anvil'), await both.agent('bellows')]
      const { id, job } = await both.working(first, { leaseMs: 60_000 })
      for (const at of [1, 2, 3]) job.steps[0]?.write('out', `first ${at}`)
      await both.pass(1_000)
      first.cut = true
      first.wire.client.terminate()
      for (const at of [4, 5]) job.steps[0]?.write('out', `first ${at}`)
      await both.pass(90_000)
      const own = Array.from({ length: made }, (_, at) => `second ${at + 1}`)
      const [again] = second.jobs
      for (const line of own.slice(0, 1)) again?.steps[0]?.write('out', line)
      await both.pass(1_000)
      first.cut = false
      await both.pass(30_000)
      for (const line of own.slice(1)) again?.steps[0]?.write('out', line)
      await finishAll(second)
      await both.pass(1_000)
      expect(await both.show(id)).toMatchObject({
        state: 'success',
        attempt: 2,
        logs: 'complete',
        missing: [],
        steps: [{ lines: made }],
      })
      expect(await both.lines(id, 2)).toEqual(own)
      expect(await both.lines(id, 1)).toEqual([1, 2, 3, 4, 5].map((at) => `first ${at}`))
    },
  )
})

describe('the expiry of a cancelled workflow', () => {
  test('ends it as canceled, whatever its agent says later; it never returns to the queue', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const { lease, workflowId } = await house.running(agent, { leaseMs: 30_000 })
    const operator = await house.operator()
    await operator.call('cancel', { ids: [workflowId], reason: 'no more' })
    agent.send({ type: 'receipt', lease, revision: 1, phase: 'received' })
    await agent.call('health', {})
    // It has heard it, and neither stops nor renews its lease.
    const next = agent.call('next', {})
    for (let at = 0; at < 39; at++) {
      await house.clock.advance(1_000)
      await house.sweep()
    }
    expect(await house.show(workflowId)).toMatchObject({ state: 'running' })
    await house.clock.advance(2_000)
    await house.sweep()
    expect(await house.show(workflowId)).toMatchObject({ state: 'canceled', attempt: 1, cancel: { stopped: null } })
    expect(await agent.frame('revoke')).toMatchObject({ lease, workflowId })
    const state = { started: 1, finished: 2, error: '', canceled: false }
    await expect(agent.call('done', { lease, state, steps: [] })).rejects.toMatchObject({ code: 'stale_lease' })
    expect((await agent.call('extend', { leases: [{ lease, phase: 'running' }] })).claims).toMatchObject([
      { verdict: 'lost' },
    ])
    const other = await house.submit({ name: 'other' })
    expect(await next).toMatchObject({ workflowId: other })
    expect(await house.show(workflowId)).toMatchObject({ state: 'canceled', attempt: 1 })
  })
})

async function finishAll(hand: Hand): Promise<void> {
  for (const job of hand.jobs) await hand.finish(job)
}

type Op = 'accept' | 'update' | 'appendLog' | 'finish'

interface Gate {
  wrap: (store: Store) => Store
  /** Calls that have been held up. */
  readonly held: number
  open(): void
  /** What came of the call that was held up: the code of its error, or `done`. */
  outcome: Promise<string>
}

/** Holds up the first call of an operation, as a store does that is slow at the wrong moment. */
function gateOn(op: Op): Gate {
  let held = 0
  let open = () => {}
  let settled = (_outcome: string) => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  const outcome = new Promise<string>((resolve) => (settled = resolve))
  const wrap = (store: Store): Store => {
    const call = store[op].bind(store) as (...args: unknown[]) => Promise<unknown>
    const gated = async (...args: unknown[]): Promise<unknown> => {
      if (held > 0) return call(...args)
      held = 1
      await opened
      const answer = call(...args)
      answer.then(
        () => settled('done'),
        (error: { code: string }) => settled(error.code),
      )
      return answer
    }
    return { ...store, [op]: gated }
  }
  return {
    wrap,
    get held() {
      return held
    },
    open: () => open(),
    outcome,
  }
}
