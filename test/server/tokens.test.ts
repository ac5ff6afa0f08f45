import { describe, expect, test } from 'vitest'
import { settle } from '../support/fake-clock.ts'
import { RawEnd } from '../support/raw-end.ts'
import { INFO, type TestClient } from './support/client.ts'
import { BEGUN, type House, openHouse } from './support/house.ts'
import { serve } from './support/served.ts'
import { waitingStore } from './support/waiting-store.ts'

/** A credential that the server itself has made, and its first connection, not greeted yet. */
async function made(house: House, role: 'agent' | 'operator' | 'viewer', labels: Record<string, string> = {}) {
  const admin = await house.operator()
  const { id, token } = await admin.call('token.create', { role, name: 'one', ...(role === 'agent' && { labels }) })
  return { admin, id, token, credential: await house.bearer(token) }
}

async function welcomed(client: TestClient): Promise<TestClient> {
  client.hello()
  await client.frame('welcome')
  return client
}

describe('a token', () => {
  test('is long, random, shown once and stored as a hash', async () => {
    const house = await openHouse()
    const { admin, token, id } = await made(house, 'viewer')
    expect(token).toMatch(/^drl_[\w-]{43}$/)
    const { token: another } = await admin.call('token.create', { role: 'viewer' })
    expect(another).not.toBe(token)
    const { tokens } = await admin.call('token.list', {})
    expect(tokens.find((one) => one.id === id)).toMatchObject({ role: 'viewer', name: 'one', state: 'valid' })
    expect(JSON.stringify(tokens)).not.toContain(token.slice(4))
  })

  test('made by the program that runs the server is as good', async () => {
    const { server } = await serve()
    const { token, id } = await server.createToken({ role: 'viewer', name: 'the program' })
    const end = await RawEnd.open({ url: server.url, token })
    expect(await end.call('queue.info', {})).toMatchObject({ paused: false })
    await expect(end.call('queue.pause', {})).rejects.toMatchObject({ code: 'forbidden' })
    await end.close()
    expect(id).not.toBe('')
    const bad = server.createToken({ role: 'operator', labels: { pool: '' } })
    await expect(bad).rejects.toMatchObject({ code: 'bad_request' })
    await server.close()
    await expect(server.createToken({ role: 'viewer' })).rejects.toMatchObject({ code: 'unavailable' })
  })

  test.each([
    ['of an admin', { role: 'admin' }],
    ['without a role', {}],
    ['of an operator for any value of a label', { role: 'operator', labels: { pool: '*' } }],
    ['with a label without a value', { role: 'agent', labels: { pool: '' } }],
    ['with a label that is an agent’s own word', { role: 'agent', labels: { '!pool': 'a' } }],
    ['with a label that matching does not see', { role: 'agent', labels: { 'drumline/x': 'a' } }],
    ['with a label that has no proper name', { role: 'agent', labels: { 'a b': 'c' } }],
  ])('%s is not made', async (_, params) => {
    const house = await openHouse()
    const admin = await house.operator()
    const asked = admin.channel.call('token.create', params as { role: 'agent' })
    await expect(asked).rejects.toMatchObject({ code: 'bad_request' })
  })

  test('was last used a minute ago at most while its holder is connected', async () => {
    const house = await openHouse()
    const { admin, id, credential } = await made(house, 'viewer')
    await welcomed(house.connect(credential))
    house.usage.start()
    await house.clock.advance(3_600_000)
    const { tokens } = await admin.call('token.list', {})
    const used = tokens.find((one) => one.id === id)?.lastUsed?.getTime() ?? 0
    expect(house.clock.now() - used).toBeLessThanOrEqual(60_000)
  })
})

describe('a revoked credential', () => {
  test.each(['operator', 'viewer'] as const)('takes the live socket of its %s along: 4501', async (role) => {
    const house = await openHouse()
    const { admin, id, credential } = await made(house, role)
    const client = await welcomed(house.connect(credential))
    await admin.call('token.revoke', { id })
    expect(await client.end()).toEqual({ code: 4501, reason: 'the credential was revoked' })
    expect(admin.ended).toBeUndefined()
  })

  test('takes its agents along, all of them, and their work goes back', async () => {
    const house = await openHouse()
    const { admin, id, credential } = await made(house, 'agent')
    const [first, second] = [house.connect(credential), house.connect(credential)]
    await first.arrive()
    await second.arrive({ agent: { ...INFO, name: 'bellows' } })
    const { workflowId } = await house.running(first)
    await admin.call('token.revoke', { id })
    expect(await first.end()).toMatchObject({ code: 4501 })
    expect(await second.end()).toMatchObject({ code: 4501 })
    expect(await house.show(workflowId)).toMatchObject({
      state: 'pending',
      lost: 'the credential of its agent was revoked',
    })
    const { agents } = await admin.call('agents', {})
    expect(agents.map(({ state }) => state)).toEqual(['offline', 'offline'])
  })

  test('takes a socket along that has not said hello', async () => {
    const house = await openHouse()
    const { admin, id, credential } = await made(house, 'agent')
    const silent = house.connect(credential)
    await settle()
    await admin.call('token.revoke', { id })
    expect(await silent.end()).toMatchObject({ code: 4501 })
  })

  test('takes a socket along whose hello is being answered', async () => {
    const { wrap, hold, release } = waitingStore('hello')
    const house = await openHouse(wrap)
    const { admin, id, credential } = await made(house, 'agent')
    hold()
    const agent = house.connect(credential)
    agent.hello({ agent: INFO })
    await settle()
    await admin.call('token.revoke', { id })
    release()
    expect(await agent.end()).toMatchObject({ code: 4501 })
    expect(agent.all('welcome')).toEqual([])
    expect((await admin.call('agents', {})).agents).toEqual([])
  })

  test('turns a socket away that was let in before and comes only now', async () => {
    const house = await openHouse()
    const { admin, id, credential } = await made(house, 'operator')
    await admin.call('token.revoke', { id })
    expect(await house.connect(credential).end()).toMatchObject({ code: 4501 })
  })

  test('takes an agent in this process along', async () => {
    const house = await openHouse()
    const peer = await house.peer(INFO)
    const waiting = peer.next()
    const refused = expect(waiting).rejects.toMatchObject({ code: 4501 })
    const admin = await house.operator()
    const { tokens } = await admin.call('token.list', {})
    await admin.call('token.revoke', { id: tokens.find(({ role }) => role === 'agent')?.id ?? '' })
    await refused
  })
})

describe('what is asked while a credential is being revoked', () => {
  test('is refused and not written, though it came before the commit', async () => {
    const { wrap, hold, release } = waitingStore('revokeCredential')
    const house = await openHouse(wrap)
    const { admin, id, credential } = await made(house, 'operator')
    const operator = await welcomed(house.connect(credential))
    hold()
    const revoked = admin.call('token.revoke', { id })
    await settle()
    const paused = operator.call('queue.pause', {}).catch((error: unknown) => error)
    await settle()
    release()
    await revoked
    expect(await paused).toBeInstanceOf(Error)
    expect(await operator.end()).toMatchObject({ code: 4501 })
    expect(await admin.call('queue.info', {})).toMatchObject({ paused: false })
  })

  test('is answered if the revocation fails', async () => {
    const { wrap, hold, release } = waitingStore('revokeCredential')
    const house = await openHouse(wrap)
    const { admin, id, credential } = await made(house, 'operator')
    const operator = await welcomed(house.connect(credential))
    hold()
    const revoked = admin.call('token.revoke', { id })
    await settle()
    const paused = operator.call('queue.pause', {})
    release(new Error('the disk is full'))
    await expect(revoked).rejects.toMatchObject({ code: 'internal' })
    await paused
    expect(await admin.call('queue.info', {})).toMatchObject({ paused: true })
  })

  test('goes on for everybody else', async () => {
    const { wrap, hold, release } = waitingStore('revokeCredential')
    const house = await openHouse(wrap)
    const { admin, id } = await made(house, 'operator')
    hold()
    const revoked = admin.call('token.revoke', { id })
    await admin.call('queue.pause', {})
    release()
    await revoked
  })
})

describe('nobody is locked out', () => {
  test('the admin cannot revoke itself, and the store does not end the last one', async () => {
    const house = await openHouse()
    const admin = await house.operator()
    const { tokens } = await admin.call('token.list', {})
    const id = tokens.find(({ role }) => role === 'admin')?.id ?? ''
    await expect(admin.call('token.revoke', { id })).rejects.toMatchObject({ code: 'bad_request' })
    await expect(house.store.revokeCredential(id)).rejects.toMatchObject({
      code: 'bad_request',
      message: 'the last admin cannot be revoked',
    })
    expect(admin.ended).toBeUndefined()
  })
})

describe('labels that a credential forces', () => {
  const LIE = { ...INFO, labels: { pool: 'trusted', '!pool': 'trusted', disk: 'ssd' } }

  async function forced() {
    const house = await openHouse()
    const { admin, credential } = await made(house, 'agent', { pool: 'public' })
    const agent = house.connect(credential)
    await agent.arrive({ agent: LIE })
    const labels = async () => (await admin.call('agents', {})).agents[0]?.labels
    return { house, agent, labels }
  }

  test('stand over what the agent says in its hello', async () => {
    const { labels } = await forced()
    expect(await labels()).toMatchObject({ pool: 'public', disk: 'ssd' })
  })

  test('stand over what it registers later', async () => {
    const { agent, labels } = await forced()
    await agent.call('register', { agent: { ...LIE, labels: { pool: 'trusted', disk: 'none' } } })
    expect(await labels()).toMatchObject({ pool: 'public', disk: 'none' })
  })

  test.each([
    ['says nothing', {}],
    ['asks for work in another name', { labels: { pool: 'trusted' } }],
    ['asks for work that must be of another name', { labels: { '!pool': 'trusted' } }],
  ])('decide on its work, also when it %s', async (_, filter) => {
    const { house, agent } = await forced()
    const next = agent.call('next', filter)
    await house.submit({ name: 'secret', labels: { pool: 'trusted' } })
    await house.submit({ name: 'of nobody' })
    const id = await house.submit({ name: 'open', labels: { pool: 'public' } })
    const offer = await next
    expect(offer?.workflowId).toBe(id)
    await agent.call('init', { lease: offer?.lease ?? '', state: BEGUN })
  })
})
