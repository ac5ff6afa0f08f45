import { describe, expect, test } from 'vitest'
import type { TestClient } from './support/client.ts'
import { type House, openHouse } from './support/house.ts'

/** A house with an operator, and an agent that is connected. */
async function withAgent() {
  const house = await openHouse()
  const operator = await house.operator()
  const credential = await house.credential('agent')
  const agent = house.connect(credential)
  const { agent: who } = await agent.arrive()
  const id = who?.id ?? ''
  const set = (drain: boolean) => operator.call('agent.set', { id, drain })
  const state = async () => (await house.store.getAgent(id))?.state
  return { house, credential, agent, set, state }
}

async function finish(agent: TestClient, lease: string, lines: number): Promise<void> {
  const step = { stepId: 's1', state: 'success' as const, exitCode: 0, started: 1, finished: 2, error: '', lines }
  await agent.call('done', { lease, state: { started: 1, finished: 2, error: '', canceled: false }, steps: [step] })
}

async function swept(house: House): Promise<void> {
  await house.sweep()
  await house.core.owed.paid()
}

describe('an agent that an operator drains', () => {
  test('is sent off for good once it has finished what it runs', async () => {
    const { house, agent, set, state } = await withAgent()
    const { lease, workflowId } = await house.running(agent)
    await set(true)
    const idle = agent.call('next', {}).catch(() => 'cut')
    await house.submit()
    await house.sweep()
    expect(await state()).toBe('draining')
    expect(agent.ended).toBeUndefined()
    await finish(agent, lease, 0)
    await swept(house)
    expect(await agent.end()).toEqual({ code: 1000, reason: 'drained: it has finished' })
    expect(await idle).toBe('cut')
    expect(await house.show(workflowId)).toMatchObject({ state: 'success', logs: 'complete' })
  })

  test('is not sent off before its last lines are stored', async () => {
    const { house, agent, set } = await withAgent()
    const { lease } = await house.running(agent)
    await set(true)
    await finish(agent, lease, 1)
    await house.sweep()
    await agent.call('health', {})
    expect(agent.ended).toBeUndefined()
    agent.send({ type: 'log', lease, stepId: 's1', from: 1, text: 'last\n', runs: [[1, 0, 'out']] })
    await agent.frame('stored')
    await swept(house)
    expect(await agent.end()).toMatchObject({ code: 1000 })
  })

  test('goes at once if it runs nothing', async () => {
    const { house, agent, set } = await withAgent()
    await set(true)
    await swept(house)
    expect(await agent.end()).toMatchObject({ code: 1000 })
  })

  test('stays, and gets work again, if the operator thinks better of it', async () => {
    const { house, agent, set, state } = await withAgent()
    const { lease } = await house.running(agent)
    await set(true)
    await set(false)
    await finish(agent, lease, 0)
    await house.sweep()
    expect(await state()).toBe('online')
    expect((await house.running(agent)).lease).not.toBe(lease)
  })

  test('is given nothing when its process is started again, and is not sent off each time', async () => {
    const { house, credential, agent, set, state } = await withAgent()
    await set(true)
    await swept(house)
    await agent.end()
    const again = house.connect(credential)
    await again.arrive()
    const offered = again.call('next', {})
    const id = await house.submit()
    await house.sweep()
    await again.call('health', {})
    expect(await state()).toBe('draining')
    expect(again.ended).toBeUndefined()
    expect((await house.show(id)).state).toBe('pending')
    await set(false)
    expect((await offered)?.workflow.name).toBe('build')
  })

  test('leaves a server that has been started again meanwhile as well', async () => {
    const { house, agent, set, credential } = await withAgent()
    const { lease } = await house.running(agent)
    await set(true)
    agent.cut()
    // Another server would know nothing of the drain but what the store and the hello say.
    house.core.leavers.set((await house.store.listAgents({ limit: 1 })).agents[0]?.id ?? '', false)
    const again = house.connect(credential)
    again.boot = agent.boot
    again.dial = 2
    await again.arrive({ claims: [{ lease, phase: 'running', steps: [] }] })
    await finish(again, lease, 0)
    await swept(house)
    expect(await again.end()).toMatchObject({ code: 1000 })
  })
})
