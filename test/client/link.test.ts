import { describe, expect, test } from 'vitest'
import { LIVENESS, RECONNECT } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { PageWorld } from './page-world.ts'

const snapshot = { epoch: 'e', offset: 0, page: [], snapshot: true }
const listener = { onData: () => {} }

/** Time passes up to the moment at which the page said that it dials again, which is whole milliseconds. */
async function untilRetry({ clock, offline }: PageWorld): Promise<void> {
  await clock.advance((offline.retryAt ?? 0) - clock.now() + 1)
}

describe('a page’s link', () => {
  test('says at once that it is lost, why, since when, and when it is tried again; then that it is back', async () => {
    const world = new PageWorld()
    const client = await world.client()
    await settle()
    expect(world.links).toEqual([{ state: 'connecting' }, { state: 'catching up' }, { state: 'live' }])
    const heard = client.heard()
    await world.clock.advance(10_000)
    world.door = null
    world.last.port.cut()
    await settle()
    const lost = world.clock.now()
    expect(world.offline).toMatchObject({ reason: 'the connection was lost', since: heard })
    expect(world.offline.retryAt).toBeGreaterThan(lost)
    expect(world.offline.retryAt).toBeLessThanOrEqual(lost + RECONNECT.firstMax)
    await untilRetry(world)
    expect(world.links.at(-2)).toMatchObject({ state: 'offline', reason: 'the connection was lost', retryAt: null })
    expect(world.offline).toMatchObject({ reason: 'the server cannot be reached', since: heard })
    world.door = { status: 200 }
    await untilRetry(world)
    expect(world.states.slice(-2)).toEqual(['catching up', 'live'])
    client.close()
  })

  test('is catching up until the last subscription was answered', async () => {
    const world = new PageWorld()
    world.script = { subscribe: () => snapshot }
    const client = await world.client()
    await client.subscribe('workflows', listener)
    await client.subscribe('agents', listener)
    let answer = () => {}
    const answered = new Promise<void>((resolve) => {
      answer = resolve
    })
    world.script = {
      subscribe: async ({ topic }) => {
        if (topic === 'agents') await answered
        return snapshot
      },
    }
    world.last.port.cut()
    await settle()
    await untilRetry(world)
    await world.clock.advance(10_000)
    expect(world.link).toEqual({ state: 'catching up' })
    answer()
    await settle()
    expect(world.link).toEqual({ state: 'live' })
    client.close()
  })

  test('is never live on a connection that was lost while it was catching up', async () => {
    const world = new PageWorld()
    world.script = { subscribe: () => snapshot }
    const client = await world.client()
    await client.subscribe('workflows', listener)
    world.script = { subscribe: () => new Promise(() => {}) }
    world.last.port.cut()
    await settle()
    await untilRetry(world)
    world.script = { subscribe: () => snapshot }
    world.last.port.cut()
    await settle()
    await untilRetry(world)
    expect(world.states.filter((state, at) => state !== world.states[at - 1])).toEqual([
      'connecting',
      'catching up',
      'live',
      'offline',
      'catching up',
      'offline',
      'catching up',
      'live',
    ])
    client.close()
  })

  test('is offline after a silence of forty seconds', async () => {
    const world = new PageWorld()
    const client = await world.client()
    const heard = client.heard()
    world.last.port.hold(true)
    await world.clock.advance(LIVENESS.agentMs - 1)
    expect(world.link).toEqual({ state: 'live' })
    await world.clock.advance(1)
    expect(world.offline).toMatchObject({ reason: 'nothing was heard from the server', since: heard })
    client.close()
  })

  const REASONS: [code: number, reason: string, words: string][] = [
    [1012, 'restarting', 'the server is restarting'],
    [1001, '', 'the server is restarting'],
    [4003, 'slow', 'this page did not read fast enough'],
    [4006, '', 'the server has no room for this page right now'],
    [4321, 'a whim', 'the server closed the connection: a whim (4321)'],
    [4322, '', 'the server closed the connection: 4322'],
  ]
  test.each(REASONS)('says of a close with %i “%s”: %s', async (code, reason, words) => {
    const world = new PageWorld()
    const client = await world.client()
    world.last.channel.close(code, reason)
    await settle()
    expect(world.offline.reason).toBe(words)
    client.close()
  })

  test('says what stands in the way of the first connection too', async () => {
    const world = new PageWorld()
    world.door = { status: 502 }
    const opening = world.client()
    await settle()
    expect(world.states).toEqual(['connecting', 'offline'])
    const began = world.clock.now()
    expect(world.offline).toMatchObject({
      reason: 'something between here and Drumline answered with HTTP 502',
      since: began,
    })
    world.door = { status: 200 }
    await untilRetry(world)
    const client = await opening
    expect(world.link).toEqual({ state: 'live' })
    client.close()
  })

  test('ends with the login, and says that it is not tried again', async () => {
    const world = new PageWorld()
    const client = await world.client()
    world.door = { status: 401, headers: { drumline: '1' } }
    world.last.channel.close(4004, 'the login has ended')
    await settle()
    expect(world.offline.reason).toBe('the login has ended')
    await untilRetry(world)
    expect(await client.closed).toEqual({ code: 4004, reason: 'nobody is logged in' })
    expect(world.offline).toMatchObject({ reason: 'nobody is logged in', retryAt: null })
    expect(world.clock.pending).toBe(0)
  })

  test('ends when the page closes it', async () => {
    const world = new PageWorld()
    const client = await world.client()
    client.close()
    await settle()
    expect(world.offline).toMatchObject({ reason: 'the client is closed', retryAt: null })
    expect(world.clock.pending).toBe(0)
  })
})

describe('retryNow', () => {
  test('ends the wait before the next dial', async () => {
    const world = new PageWorld()
    const client = await world.client()
    world.last.port.cut()
    await settle()
    client.retryNow()
    await settle()
    expect(world.link).toEqual({ state: 'live' })
    expect(world.ends).toHaveLength(2)
    client.close()
  })

  test('is no reason to dial twice while one is under way', async () => {
    const world = new PageWorld()
    const client = await world.client()
    world.last.port.cut()
    await settle()
    for (let i = 0; i < 3; i++) client.retryNow()
    await world.clock.advance(30_000)
    expect(world.ends).toHaveLength(2)
    client.close()
  })

  test('leaves a connection alone that answers', async () => {
    const world = new PageWorld()
    const client = await world.client()
    await world.clock.advance(10_000)
    client.retryNow()
    await settle()
    expect(client.heard()).toBe(world.clock.now())
    await world.clock.advance(300_000)
    expect(world.states).toEqual(['connecting', 'catching up', 'live'])
    client.close()
  })

  test('finds within five seconds that a connection is dead', async () => {
    const world = new PageWorld()
    const client = await world.client()
    world.last.port.hold(true)
    await world.clock.advance(1_000)
    client.retryNow()
    await world.clock.advance(5_000)
    expect(world.offline.reason).toBe('nothing was heard from the server')
    await untilRetry(world)
    expect(world.link).toEqual({ state: 'live' })
    client.close()
  })
})
