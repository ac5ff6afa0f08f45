import { describe, expect, test } from 'vitest'
import type { Role } from '../../src/protocol/index.ts'
import type { TestClient } from './support/client.ts'
import { type House, openHouse } from './support/house.ts'

async function visit(house: House, role: Role): Promise<TestClient> {
  const client = house.connect(await house.credential(role))
  client.hello({ visit: true })
  await client.frame('welcome')
  return client
}

describe('a visit', () => {
  test('with an agent’s credential leaves no agent behind, and takes no work', async () => {
    const house = await openHouse()
    const client = await visit(house, 'agent')
    await expect(client.call('next', {})).rejects.toMatchObject({ code: 'forbidden' })
    await expect(client.call('list', {})).rejects.toMatchObject({ code: 'forbidden' })
    expect((await house.store.listAgents({ limit: 10 })).agents).toEqual([])
  })

  test.each<Role>(['agent', 'operator', 'viewer'])('tells %s who it is', async (role) => {
    const client = await visit(await openHouse(), role)
    expect(await client.call('whoami', {})).toEqual({
      id: expect.any(String),
      role,
      name: role,
      labels: {},
      expires: null,
    })
  })
})

describe('an echo', () => {
  test('is the same text, at once, by the server’s clock', async () => {
    const house = await openHouse()
    const client = await visit(house, 'viewer')
    expect(await client.call('echo', { text: 'ä\n😀' })).toEqual({ text: 'ä\n😀', at: house.clock.now() })
    expect(await client.call('echo', { text: 'x', back: false })).toMatchObject({ text: '' })
  })

  test('that is to wait comes then, by itself, and may not be long', async () => {
    const house = await openHouse()
    const client = await visit(house, 'viewer')
    const answer = client.call('echo', { text: 'x', afterMs: 2_000 })
    await house.clock.advance(1_999)
    const sent = client.server.sent.length
    await house.clock.advance(1)
    expect(client.server.sent.length).toBe(sent + 1)
    expect(await answer).toMatchObject({ text: 'x' })
    const long = { text: 'x'.repeat(2_000), afterMs: 1 }
    await expect(client.call('echo', long)).rejects.toMatchObject({ code: 'bad_request' })
  })

  test('that nobody waits for any more is answered at once and leaves no timer', async () => {
    const house = await openHouse()
    const client = await visit(house, 'viewer')
    const timers = house.clock.pending
    const giveUp = new AbortController()
    const answer = client.call('echo', { text: 'x', afterMs: 5_000 }, { signal: giveUp.signal })
    await house.clock.advance(10)
    giveUp.abort()
    await answer
    expect(house.clock.pending).toBe(timers)
  })
})
