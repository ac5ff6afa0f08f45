import { describe, expect, test } from 'vitest'
import type { Credential } from '../../src/server/store/credential.ts'
import { tokenHash } from '../../src/server/tokens.ts'
import type { TestClient } from '../server/support/client.ts'
import { type House, openHouse } from '../server/support/house.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** An agent whose token ends in an hour, at work for longer. */
async function working(house: House) {
  const admin = await house.operator()
  const { id, token } = await admin.call('token.create', { role: 'agent', name: 'one', expiresMs: HOUR })
  const credential = await house.bearer(token)
  const agent = house.connect(credential)
  await agent.arrive()
  const offer = await house.running(agent, { leaseMs: DAY })
  return { admin, id, credential, agent, offer }
}

/** Time goes by with the server there, in one piece, so that no heartbeat is due in between. */
async function pass(house: House, ms: number): Promise<void> {
  house.clock.jump(ms)
  await house.sweep()
}

/** Comes again as the same process, with the lease that it holds. */
async function resume(house: House, credential: Credential, before: TestClient, lease: string) {
  const again = house.connect(credential)
  again.boot = before.boot
  again.dial = before.dial + 1
  const claims = [{ lease, phase: 'running' as const, steps: [] }]
  return { again, welcome: again.arrive({ claims }) }
}

describe('case 14: a credential’s life while it is in use', () => {
  test('refreshed in time: the old token’s socket ends for now, and the new one goes on with the work', async () => {
    const house = await openHouse()
    const { admin, id, agent, offer } = await working(house)
    const { token } = await admin.call('token.rotate', { id, overlapMs: HOUR / 2 })
    await pass(house, HOUR / 2)
    expect(await agent.end()).toMatchObject({ code: 4004 })
    const { welcome } = await resume(house, await house.bearer(token), agent, offer.lease)
    expect((await welcome).claims).toMatchObject([{ lease: offer.lease, verdict: 'keep' }])
    expect(await house.show(offer.workflowId)).toMatchObject({ state: 'running', attempt: 1 })
  })

  test('not refreshed: it is closed for good at its end, and its work goes on elsewhere', async () => {
    const house = await openHouse()
    const { admin, agent, offer, credential } = await working(house)
    await pass(house, HOUR)
    expect(await agent.end()).toEqual({ code: 4500, reason: 'the credential has expired' })
    expect(await house.show(offer.workflowId)).toMatchObject({ state: 'pending' })
    expect(await house.connect(credential).end()).toMatchObject({ code: 4500 })
    expect(admin.ended).toBeUndefined()
  })

  test('revoked while connected: closed for good, and nothing that was on its way is written', async () => {
    const house = await openHouse()
    const { admin, id, agent, offer } = await working(house)
    const late = agent.call('done', { lease: offer.lease, state: DONE, steps: [] }).catch((error: Error) => error)
    await admin.call('token.revoke', { id })
    expect(await agent.end()).toMatchObject({ code: 4501 })
    await late
    expect((await house.show(offer.workflowId)).state).not.toBe('running')
  })

  test('revoked while disconnected: its resumption is not admitted', async () => {
    const house = await openHouse()
    const { admin, id, agent, offer, credential } = await working(house)
    agent.cut()
    await admin.call('token.revoke', { id })
    const { again, welcome } = await resume(house, credential, agent, offer.lease)
    welcome.catch(() => {})
    expect(await again.end()).toMatchObject({ code: 4501 })
    expect(await house.show(offer.workflowId)).toMatchObject({ state: 'pending' })
  })

  test('replaced by a lesser role: what was open ends, and the new token may read and no more', async () => {
    const house = await openHouse()
    const admin = await house.operator()
    const { id, token } = await admin.call('token.create', { role: 'operator' })
    const operator = house.connect(await house.bearer(token))
    operator.hello()
    await operator.frame('welcome')
    const lesser = await admin.call('token.create', { role: 'viewer' })
    await admin.call('token.revoke', { id })
    expect(await operator.end()).toMatchObject({ code: 4501 })
    const viewer = house.connect(await house.bearer(lesser.token))
    viewer.hello()
    await viewer.frame('welcome')
    expect(await viewer.call('queue.info', {})).toMatchObject({ paused: false })
    await expect(viewer.call('queue.pause', {})).rejects.toMatchObject({ code: 'forbidden' })
    expect(await house.store.findCredential(tokenHash(token))).toBeNull()
  })
})

const DONE = { started: 1, finished: 2, error: '', canceled: false }
