import { describe, expect, test } from 'vitest'
import { Drain, drainSpan } from '../../src/server/drain.ts'
import { timingsOf } from '../../src/server/timings.ts'
import { openHouse } from './support/house.ts'

const TIMINGS = timingsOf(300_000, false)
const LONG = 300_000

describe('a drain', () => {
  test('spreads many clients over a time that grows with them, within bounds', () => {
    expect(drainSpan(0, TIMINGS, LONG)).toBe(0)
    expect(drainSpan(3, TIMINGS, LONG)).toBeLessThanOrEqual(1_000)
    expect(drainSpan(200, TIMINGS, LONG)).toBe(5_000)
    expect(drainSpan(4_000, TIMINGS, LONG)).toBe(20_000)
    expect(drainSpan(100_000, TIMINGS, LONG)).toBe(60_000)
    expect(drainSpan(100_000, TIMINGS, 30_000)).toBe(10_000)
  })

  test('tells each client its slot, keeps the socket until then, and closes it 1012', async () => {
    const house = await openHouse()
    const credential = await house.credential('operator')
    const clients = Array.from({ length: 40 }, () => house.connect(credential))
    for (const client of clients) client.hello()
    for (const client of clients) await client.frame('welcome')
    const { connections } = house.core
    const random = () => 0.5
    const drain = new Drain({ connections, timings: TIMINGS, shortestLease: LONG, clock: house.clock, random })
    const slots = await Promise.all(clients.map(async (client) => (await client.frame('bye')).afterMs))
    expect(new Set(slots).size).toBe(40)
    expect(Math.max(...slots)).toBeLessThan(5_000)
    const [first] = clients
    expect(await first?.call('queue.info', {})).toMatchObject({ pending: 0 })
    await house.clock.advance(2_500)
    expect(clients.filter(({ ended }) => ended !== undefined)).toHaveLength(20)
    await house.clock.advance(2_500)
    await drain.over
    for (const client of clients) expect(client.ended).toMatchObject({ code: 1012 })
  })
})

describe('whoever knocks while a server leaves', () => {
  const drainOf = async (clients: number, shortestLease: number, random = Math.random) => {
    const house = await openHouse()
    const credential = await house.credential('operator')
    const all = Array.from({ length: clients }, () => house.connect(credential))
    for (const client of all) client.hello()
    for (const client of all) await client.frame('welcome')
    const { connections } = house.core
    const { clock } = house
    return { house, drain: new Drain({ connections, timings: TIMINGS, shortestLease, clock, random }) }
  }

  test('is told to come when the next server may be up, each at another time', async () => {
    const { house, drain } = await drainOf(40, LONG)
    const told = Array.from({ length: 200 }, () => drain.retryAfterS())
    expect(Math.min(...told)).toBeGreaterThanOrEqual(7)
    expect(Math.max(...told)).toBeLessThanOrEqual(15)
    expect(new Set(told).size).toBeGreaterThan(4)
    await house.clock.advance(5_000)
    const late = Array.from({ length: 200 }, () => drain.retryAfterS())
    expect(Math.min(...late)).toBeGreaterThanOrEqual(2)
    expect(Math.max(...late)).toBeLessThanOrEqual(10)
  })

  test('is back soon where leases are short, or clients few', async () => {
    const { drain } = await drainOf(3, LONG, () => 0.99)
    expect(drain.retryAfterS()).toBeLessThanOrEqual(3)
    const { drain: short } = await drainOf(40, 3_000, () => 0.99)
    expect(short.retryAfterS()).toBeLessThanOrEqual(3)
  })

  test('is sent off at once if it had been let in just before', async () => {
    const { house, drain } = await drainOf(1, LONG)
    const late = house.connect(await house.credential('viewer'))
    expect(await late.end()).toMatchObject({ code: 1012 })
    await house.clock.advance(1_000)
    await drain.over
  })
})

describe('what ends a connection', () => {
  test('a revoked credential: 4501', async () => {
    const house = await openHouse()
    const operator = await house.operator()
    const { id, token } = await operator.call('token.create', { role: 'agent', name: 'ci', labels: { org: 'a' } })
    expect(token).toMatch(/^drl_[\w-]{43}$/)
    const agent = house.connect(await house.bearer(token))
    await agent.arrive()
    await operator.call('token.revoke', { id })
    expect(await agent.end()).toMatchObject({ code: 4501 })
    const { tokens } = await operator.call('token.list', {})
    expect(tokens.find((view) => view.id === id)).toMatchObject({ name: 'ci', revoked: expect.any(Date) })
    expect(JSON.stringify(tokens)).not.toContain(token)
  })

  test('a removed agent: 4506, and its work goes back', async () => {
    const house = await openHouse()
    const operator = await house.operator()
    const agent = house.connect(await house.credential('agent'))
    const { agent: who } = await agent.arrive()
    const { workflowId } = await house.running(agent)
    await operator.call('agent.remove', { id: who?.id ?? '' })
    expect(await agent.end()).toMatchObject({ code: 4506 })
    expect(await house.show(workflowId)).toMatchObject({ state: 'pending' })
  })

  test('a reader that reads nothing: 4003 after ten seconds, and nobody else is held up', async () => {
    const house = await openHouse()
    const slow = await house.operator()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    for (let at = 0; at < 50; at++) await house.submit({ name: 'n'.repeat(190), labels: { pad: 'p'.repeat(190) } })
    slow.server.stuck = true
    const flood = Array.from({ length: 100 }, () => slow.call('list', {}).catch(() => 'cut'))
    await house.clock.advance(9_000)
    expect(slow.ended).toBeUndefined()
    expect(await agent.call('health', {})).toEqual({})
    await house.clock.advance(2_000)
    slow.server.stuck = false
    expect(await slow.end()).toMatchObject({ code: 4003 })
    await Promise.all(flood)
  })
})

describe('subscriptions of a connection', () => {
  test('bring its snapshot, then what changes, until they are ended', async () => {
    const house = await openHouse()
    const operator = await house.operator()
    const id = await house.submit()
    const answer = await operator.call('subscribe', { subscription: 'mine', topic: `workflow/${id}` })
    expect(answer).toMatchObject({ snapshot: true, page: [{ kind: 'workflow', workflow: { state: 'pending' } }] })
    await operator.call('cancel', { ids: [id], reason: '' })
    await house.clock.advance(100)
    const { data } = await operator.frame('event')
    expect(data).toMatchObject({ kind: 'workflow', workflow: { id, state: 'canceled' } })
    await operator.call('unsubscribe', { subscription: 'mine' })
    expect(house.core.feed.size.subscriptions).toBe(0)
  })

  test('are gone with it', async () => {
    const house = await openHouse()
    const operator = await house.operator()
    await operator.call('subscribe', { subscription: 'mine', topic: 'agents' })
    operator.cut()
    await operator.end()
    expect(house.core.feed.size).toMatchObject({ connections: 0, subscriptions: 0 })
  })

  test('of no known topic are refused', async () => {
    const house = await openHouse()
    const operator = await house.operator()
    const asked = operator.call('subscribe', { subscription: 'mine', topic: 'secrets' })
    await expect(asked).rejects.toMatchObject({ code: 'bad_request' })
  })
})
