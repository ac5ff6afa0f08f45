import { describe, expect, test } from 'vitest'
import { openHouse } from './support/house.ts'

describe('a cancel of running work', () => {
  test('is pushed as a frame at once', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const operator = await house.operator()
    const { lease, workflowId } = await house.running(agent)
    const answer = await operator.call('cancel', { ids: [workflowId], reason: 'wrong branch' })
    expect(answer.workflows).toEqual([{ id: workflowId, state: 'running', already: false }])
    expect(await agent.frame('cancel')).toEqual({
      type: 'cancel',
      workflowId,
      lease,
      revision: 1,
      reason: 'wrong branch',
      graceMs: 10_000,
    })
  })

  test('is repeated every 5 s until it is receipted', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const { lease, workflowId } = await house.running(agent)
    const operator = await house.operator()
    await operator.call('cancel', { ids: [workflowId], reason: '' })
    await house.clock.advance(10_100)
    expect(agent.all('cancel')).toHaveLength(3)
    agent.send({ type: 'receipt', lease, revision: 1, phase: 'received' })
    await agent.call('health', {})
    await house.clock.advance(20_000)
    expect(agent.all('cancel')).toHaveLength(3)
    expect((await house.show(workflowId)).cancel?.received).not.toBeNull()
  })

  test('is said again after a new welcome, and not while the agent is away', async () => {
    const house = await openHouse()
    const credential = await house.credential('agent')
    const first = house.connect(credential)
    await first.arrive()
    const { lease, workflowId } = await house.running(first)
    first.cut()
    await first.end()
    await (await house.operator()).call('cancel', { ids: [workflowId], reason: '' })
    const second = house.connect(credential)
    const claims = [{ lease, phase: 'running' as const, steps: [{ stepId: 's1', next: 1 }] }]
    const welcome = await second.arrive({ boot: first.boot, dial: 2, claims })
    expect(welcome.claims).toMatchObject([{ lease, verdict: 'cancel' }])
    expect(await second.frame('cancel')).toMatchObject({ lease, revision: 1 })
  })

  test('is not said any more once the attempt has ended', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const { lease, workflowId } = await house.running(agent)
    await (await house.operator()).call('cancel', { ids: [workflowId], reason: '' })
    const step = { stepId: 's1', state: 'canceled' as const, started: null, finished: null, exitCode: null, error: '' }
    const state = { started: 1, finished: 2, error: '', canceled: true }
    await agent.call('done', { lease, state, steps: [{ ...step, lines: 0 }] })
    await house.clock.advance(20_000)
    expect(agent.all('cancel')).toHaveLength(1)
    expect(await house.show(workflowId)).toMatchObject({ state: 'canceled' })
  })
})

describe('a revoke', () => {
  test('is repeated until the agent says that the work has stopped', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const { lease, workflowId } = await house.running(agent)
    await (await house.operator()).call('requeue', { id: workflowId })
    const { revision } = await agent.frame('revoke')
    agent.send({ type: 'receipt', lease, revision, phase: 'received' })
    await house.clock.advance(5_100)
    expect(agent.all('revoke')).toHaveLength(2)
    agent.send({ type: 'receipt', lease, revision, phase: 'stopped' })
    await house.clock.advance(15_000)
    expect(agent.all('revoke')).toHaveLength(2)
  })

  test('tells an agent that is connected of a lease that expired', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const { lease, workflowId } = await house.running(agent)
    // Swept all the while: a server that was away would give the lease its time again.
    for (let at = 0; at < 32; at++) {
      await house.clock.advance(10_000)
      await house.sweep()
    }
    expect(await agent.frame('revoke')).toMatchObject({ lease })
    expect(await house.show(workflowId)).toMatchObject({ state: 'pending', lost: expect.any(String) })
    await expect(
      agent.call('init', { lease, state: { started: 1, finished: 0, error: '', canceled: false } }),
    ).rejects.toMatchObject({ code: 'stale_lease' })
  })
})
