import { describe, expect, test } from 'vitest'
import { INFO } from './support/client.ts'
import { type Family, readExposition } from './support/exposition.ts'
import { BEGUN, type House, openHouse } from './support/house.ts'

const DONE = { ...BEGUN, finished: 2_001 }

function step(state: 'success' | 'failure' | 'canceled', exitCode: number) {
  return { stepId: 's1', state, started: 1, finished: 2_001, exitCode, error: '', lines: 0 }
}

/** What the server counts right now: a number by its name and labels. */
async function scrape(house: House) {
  const families = readExposition((await house.core.metrics.text()).body)
  const samples = [...families.values()].flatMap((family: Family) => family.samples)
  return (name: string, labels: Record<string, string> = {}) => {
    const isIt = (given: Readonly<Record<string, string>>) =>
      Object.keys(given).length === Object.keys(labels).length &&
      Object.entries(labels).every(([key, value]) => given[key] === value)
    const found = samples.find((sample) => sample.name === `drumline_${name}` && isIt(sample.labels))
    if (found === undefined) throw new Error(`nothing is called ${name} ${JSON.stringify(labels)}`)
    return found.value
  }
}

describe('three workflows, of which one fails and one is cancelled', () => {
  async function lived() {
    const house = await openHouse()
    const operator = await house.operator()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const [good, bad, canceled] = [await house.running(agent), await house.running(agent), await house.running(agent)]
    await house.clock.advance(2_000)
    await agent.call('done', { lease: good.lease, state: DONE, steps: [step('success', 0)] })
    await agent.call('done', { lease: bad.lease, state: DONE, steps: [step('failure', 1)] })
    await operator.call('cancel', { ids: [canceled.workflowId], reason: '' })
    const { revision } = await agent.frame('cancel')
    const receipt = { type: 'receipt', lease: canceled.lease, revision } as const
    await house.clock.advance(30)
    agent.send({ ...receipt, phase: 'received' })
    await house.clock.advance(400)
    agent.send({ ...receipt, phase: 'stopping' })
    await house.clock.advance(3_000)
    agent.send({ ...receipt, phase: 'stopped' })
    await house.clock.advance(0)
    await agent.call('done', {
      lease: canceled.lease,
      state: { ...DONE, canceled: true },
      steps: [step('canceled', 143)],
    })
    return { house, operator, agent, read: await scrape(house) }
  }

  test('are counted by outcome, to the unit', async () => {
    const { read } = await lived()
    expect(read('workflows_submitted_total')).toBe(3)
    const outcomes = ['success', 'failure', 'canceled', 'skipped', 'error']
    expect(outcomes.map((outcome) => read('workflows_ended_total', { outcome }))).toEqual([1, 1, 1, 0, 0])
    const states = ['waiting', 'pending', 'offered', 'running']
    expect(states.map((state) => read('workflows', { state }))).toEqual([0, 0, 0, 0])
  })

  test('are counted as offers, attempts, waits and runs', async () => {
    const { read } = await lived()
    expect(read('offers_total')).toBe(3)
    expect(read('offers_ended_total', { how: 'accepted' })).toBe(3)
    expect(read('attempts_ended_total', { how: 'done' })).toBe(3)
    expect([read('queue_wait_seconds_count'), read('queue_wait_seconds_sum')]).toEqual([3, 0])
    expect([read('run_seconds_count'), read('run_seconds_sum')]).toEqual([3, 6])
  })

  test('say how long the cancel took, word by word', async () => {
    const { read } = await lived()
    const sums = ['received', 'stopping', 'stopped'].map((until) => read('cancel_seconds_sum', { until }))
    expect(sums).toEqual([expect.closeTo(0.03, 5), expect.closeTo(0.43, 5), expect.closeTo(3.43, 5)])
    expect(read('cancel_seconds_count', { until: 'stopped' })).toBe(1)
  })

  test('passed over the bus in frames, calls and bytes', async () => {
    const { read, agent, operator } = await lived()
    const sent = [...agent.server.sent, ...operator.server.sent].join('').length
    expect(read('frames_received_total', { type: 'hello' })).toBe(2)
    expect(read('frames_received_total', { type: 'receipt' })).toBe(3)
    expect(read('frames_received_total', { type: 'request' })).toBe(10)
    expect(read('frames_sent_total', { type: 'response' })).toBe(10)
    expect(read('frames_sent_total', { type: 'cancel' })).toBe(1)
    expect(read('calls_total', { method: 'done' })).toBe(3)
    expect(read('sent_bytes_total')).toBe(sent)
    expect(read('received_bytes_total')).toBeGreaterThan(1000)
  })

  test('leave the agent and its slots as they are', async () => {
    const { house, read, agent } = await lived()
    expect(read('connections', { role: 'agent' })).toBe(1)
    expect([read('agents', { state: 'online' }), read('slots', { state: 'busy' })]).toEqual([1, 0])
    expect(read('slots', { state: 'free' })).toBe(INFO.capacity)
    await house.running(agent)
    const busy = await scrape(house)
    expect([busy('slots', { state: 'busy' }), busy('slots', { state: 'free' })]).toEqual([1, INFO.capacity - 1])
    agent.cut()
    await agent.end()
    await house.core.owed.paid()
    const gone = await scrape(house)
    expect([gone('agents', { state: 'offline' }), gone('slots', { state: 'free' })]).toEqual([1, 0])
    expect(gone('sent_bytes_total')).toBeGreaterThanOrEqual(read('sent_bytes_total'))
  })
})

describe('the server counts', () => {
  test('an offer that lapses, one that is declined and a lease that expires', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const lost = await house.running(agent)
    const next = agent.call('next', {})
    await house.submit()
    const offer = await next
    await agent.call('decline', { lease: offer?.lease ?? '', reason: 'busy' })
    const again = agent.call('next', {})
    await house.clock.advance(60_000)
    await again
    await house.clock.advance(11_000)
    await house.sweep()
    for (let at = 0; at < 40; at++) {
      await house.clock.advance(10_000)
      await house.sweep()
    }
    const read = await scrape(house)
    expect(lost.lease).not.toBe('')
    expect(read('offers_ended_total', { how: 'declined' })).toBe(1)
    expect(read('offers_ended_total', { how: 'lapsed' })).toBe(1)
    expect(read('attempts_ended_total', { how: 'expired' })).toBe(1)
    expect(read('sweeps_total', { result: 'done' })).toBe(41)
  })

  test('lines, bytes and gaps of logs once they are stored, and a repeat not again', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const { lease } = await house.running(agent)
    const log = { type: 'log', lease, stepId: 's1', from: 1, text: 'ä\nb\n', runs: [[2, 0, 'out']] } as const
    agent.send({ ...log, runs: [[2, 0, 'out']] })
    agent.send({ ...log, runs: [[2, 0, 'out']] })
    agent.send({ type: 'gap', lease, stepId: 's1', from: 3, to: 12, reason: 'the spool was full' })
    await agent.frame('stored')
    await house.clock.advance(100)
    const read = await scrape(house)
    expect([read('log_lines_stored_total'), read('log_stored_bytes_total')]).toEqual([2, 5])
    expect([read('log_gaps_total'), read('log_lines_missing_total')]).toEqual([1, 10])
    expect(read('log_memory_bytes')).toBe(0)
  })

  test('hellos that are refused, reconnects, and ends by their code', async () => {
    const house = await openHouse()
    const credential = await house.credential('agent')
    const first = house.connect(credential)
    await first.arrive()
    const again = house.connect(credential)
    again.boot = first.boot
    again.dial = 2
    await again.arrive()
    await first.end()
    const wrong = house.connect(credential)
    wrong.hello({ versions: [99] })
    await wrong.end()
    const read = await scrape(house)
    expect(read('hellos_total', { answer: 'welcomed' })).toBe(2)
    expect(read('hellos_total', { answer: 'refused' })).toBe(1)
    expect(read('reconnects_total')).toBe(1)
    expect(read('connections_closed_total', { code: '4504' })).toBe(1)
    expect(read('connections_closed_total', { code: '4503' })).toBe(1)
  })

  test('calls that fail, and what is subscribed', async () => {
    const house = await openHouse()
    const operator = await house.operator()
    await operator.call('requeue', { id: 'none' }).catch(() => {})
    await operator.call('subscribe', { subscription: 's', topic: 'agents' })
    const read = await scrape(house)
    expect(read('call_errors_total', { code: 'not_found' })).toBe(1)
    expect(read('subscriptions')).toBe(1)
    expect(read('store_commit_seconds_count')).toBe(read('store_batch_calls_count'))
    expect(read('store_batch_calls_sum')).toBeGreaterThan(2)
  })

  test('what made it wait: its own loop', async () => {
    const house = await openHouse()
    house.core.metrics.start()
    await house.clock.advance(10_000)
    house.core.metrics.stop()
    const read = await scrape(house)
    expect([read('event_loop_lag_seconds_count'), read('event_loop_lag_seconds_sum')]).toEqual([20, 0])
  })

  test('without its store, all but what only that knows', async () => {
    const house = await openHouse((store) => ({ ...store, agentTotals: () => Promise.reject(new Error('away')) }))
    const read = await scrape(house)
    expect(() => read('slots', { state: 'busy' })).toThrow('nothing is called')
    expect(() => read('queue_paused')).toThrow('nothing is called')
    expect(read('workflows_submitted_total')).toBe(0)
  })

  test('for itself: a second one in the same process knows nothing of it', async () => {
    const [one, other] = [await openHouse(), await openHouse()]
    await one.submit()
    expect((await scrape(one))('workflows_submitted_total')).toBe(1)
    expect((await scrape(other))('workflows_submitted_total')).toBe(0)
  })
})

describe('what is counted', () => {
  test('has a unit in its name, a sentence, and labels of few values', async () => {
    const house = await openHouse()
    const families = [...readExposition((await house.core.metrics.text()).body).values()]
    for (const { name, help, type, samples } of families) {
      expect(name).toMatch(/^(drumline|process|nodejs)_[a-z]+(_[a-z]+)*$/)
      expect(name.endsWith('_total'), name).toBe(type === 'counter')
      expect(help, name).toMatch(/^[A-Z0-9].{20,}\.$/)
      expect(samples.length, name).toBeLessThanOrEqual(50)
    }
  })
})
