import { describe, expect, test } from 'vitest'
import { settle } from '../../support/fake-clock.ts'
import type { Front } from '../http/front.ts'
import { INFO, type TestClient } from '../support/client.ts'
import { type Tenant, town } from './town.ts'

describe('case 13: two tenants: over the raw wire', () => {
  test("an agent's frames for the other's lease change nothing", async () => {
    const { a, b, everything } = await town()
    const before = everything()
    const { lease, stepId } = { lease: a.running.lease, stepId: a.running.workflow.steps[0]?.id ?? '' }
    for (const phase of ['received', 'stopping', 'stopped']) b.agent.raw({ type: 'receipt', lease, revision: 1, phase })
    b.agent.raw({ type: 'log', lease, stepId, from: 1, text: 'planted\n', runs: [[1, 0, 'out']] })
    b.agent.raw({ type: 'gap', lease, stepId, from: 1, to: 9, reason: 'planted' })
    await b.agent.call('version', {})
    await settle()
    expect(everything()).toEqual(before)
    expect((await a.viewer.call('logs', { id: a.running.workflowId })).parts).toEqual([])
  })

  test("a hello that claims the other's lease, boot and name is let in as its own, and gets none of it", async () => {
    const { front, a, admin } = await town()
    const b = await enterWith(front, a)
    const { claims, agent } = await b.frame('welcome')
    expect(claims).toEqual([{ lease: a.running.lease, verdict: 'lost', steps: [] }])
    expect(agent?.id).not.toBe(a.agentId)
    expect(await admin.call('get', { id: a.running.workflowId })).toMatchObject({ state: 'running', attempt: 1 })
    await a.agent.call('health', {})
  })

  async function enterWith({ house }: Front, { agent, running }: Tenant): Promise<TestClient> {
    const ask = { role: 'agent' as const, name: 'thief', labels: { tenant: 'b' }, tokenHash: 'thief' }
    const client = house.connect(await house.store.createCredential(ask))
    const claim = { lease: running.lease, phase: 'running' as const, steps: [] }
    const info = { ...INFO, name: 'anvil-a', labels: { tenant: 'a', '!tenant': 'a' } }
    client.hello({ agent: info, claims: [claim], replaces: [agent.boot], boot: agent.boot, dial: 9 })
    return client
  }
})
