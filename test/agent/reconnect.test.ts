import { describe, expect, test } from 'vitest'
import { connect } from '../../src/agent/index.ts'
import { Reconnect } from '../../src/agent/reconnect.ts'
import { CLOSE, CloseError } from '../../src/protocol/index.ts'
import { DialError } from '../../src/socket/index.ts'
import { FakeClock, settle } from '../support/fake-clock.ts'
import { connected, stage } from './stage.ts'

const waits = (reconnect: Reconnect, codes: number[], heldMs = 0) =>
  codes.map((code) => {
    const plan = reconnect.after({ code, heldMs })
    return plan.stop ? 'stop' : plan.slow ? 'slow' : plan.afterMs
  })

describe('the wait before the next try', () => {
  test('is random, the first below 5.25 s, then growing to 20 s', () => {
    const most = new Reconnect(new FakeClock(), () => 1)
    expect(waits(most, Array(7).fill(1006))).toEqual([5_250, 4_000, 8_000, 16_000, 20_000, 20_000, 20_000])
    const least = new Reconnect(new FakeClock(), () => 0)
    expect(waits(least, Array(3).fill(1006))).toEqual([250, 0, 0])
  })

  test('starts anew after a connection that held for a minute', () => {
    const reconnect = new Reconnect(new FakeClock(), () => 1)
    expect(waits(reconnect, [1006, 1006, 1006])).toEqual([5_250, 4_000, 8_000])
    expect(waits(reconnect, [1006], 59_999)).toEqual([16_000])
    expect(waits(reconnect, [1006], 60_000)).toEqual([5_250])
  })

  test('is what the server said in its goodbye', async () => {
    const clock = new FakeClock()
    const reconnect = new Reconnect(clock, () => 1)
    expect(reconnect.after({ code: 4007, heldMs: 0, slot: clock.monotonic() + 60_000 })).toMatchObject({
      afterMs: 60_000,
    })
    expect(reconnect.after({ code: 1012, heldMs: 0, slot: clock.monotonic() - 5 })).toMatchObject({ afterMs: 0 })
  })

  test('is 5 to 10 minutes after a violation, a version, or three protocol closes in ten minutes', async () => {
    const clock = new FakeClock()
    const reconnect = new Reconnect(clock, () => 0.5)
    expect(reconnect.after({ code: CLOSE.violation, heldMs: 0 })).toEqual({ stop: false, afterMs: 450_000, slow: true })
    expect(waits(reconnect, [CLOSE.version])).toEqual(['slow'])
    const suspect = new Reconnect(clock, () => 0.5)
    expect(waits(suspect, [1002, 1009])).not.toContain('slow')
    expect(waits(suspect, [1007])).toEqual(['slow'])
    await clock.advance(600_000)
    expect(waits(suspect, [1007])).not.toContain('slow')
  })

  test('never comes for codes that mean stop, known or not', () => {
    const reconnect = new Reconnect(new FakeClock(), () => 0.5)
    expect(waits(reconnect, [1000, 4500, 4501, 4504, 4505, 4506, 4777])).toEqual(Array(7).fill('stop'))
    expect(waits(reconnect, [1001, 1012, 4000, 4321])).not.toContain('stop')
  })
})

describe('an agent without a connection', () => {
  test('comes again when the server that refuses it says so', async () => {
    const on = stage()
    on.server.refuse = () => new DialError('draining', { status: 503, drumline: true, retryAfterMs: 12_000 })
    const peer = connect(on.options)
    await on.clock.advance(11_999)
    on.server.refuse = undefined
    expect(peer.state).toBe('waiting')
    await on.clock.advance(1)
    expect(peer.state).toBe('ready')
    await peer.close()
  })

  test('dials at once, then again and again, and says so once', async () => {
    const on = stage()
    on.server.refuse = () => new DialError('cannot reach ws://server.test/bus: ECONNREFUSED')
    const { peer, clock, lines, server } = await connected(on)
    await clock.advance(120_000)
    expect(lines.filter(({ level }) => level !== 'info')).toHaveLength(1)
    expect(lines[0]?.text).toMatch(/trying again/)
    server.refuse = undefined
    const ready = peer.ready()
    await clock.advance(20_000)
    await ready
    expect(peer.state).toBe('ready')
    expect(lines.map(({ text }) => text)).toEqual([lines[0]?.text, 'connected again'])
    server.last.cut()
    await clock.advance(20_000)
    expect(lines.filter(({ level }) => level !== 'info')).toHaveLength(2)
  })

  test('numbers its dials and keeps its boot', async () => {
    const { server, clock } = await connected()
    server.last.cut()
    await clock.advance(20_000)
    const [first, second] = server.connections.map(({ hello }) => hello)
    expect([first?.dial, second?.dial]).toEqual([1, 2])
    expect(second?.boot).toBe(first?.boot)
    expect(first?.agent).toMatchObject({
      name: 'a',
      capacity: 1,
      backend: 'local',
      labels: { repo: '*', backend: 'local' },
    })
  })

  test('gives a silent server 20 s for its welcome', async () => {
    const on = stage()
    on.server.greets = false
    const { clock, server } = await connected(on)
    await clock.advance(19_900)
    expect(server.connections[0]?.closed).toBeUndefined()
    await clock.advance(200)
    expect(server.connections[0]?.closed?.code).toBe(CLOSE.helloTimeout)
    await clock.advance(6_000)
    expect(server.connections).toHaveLength(2)
  })

  test('obeys the slot of a goodbye', async () => {
    const { server, clock } = await connected()
    server.last.send({ type: 'bye', afterMs: 30_000, reason: 'draining' })
    await settle()
    server.last.channel.close(CLOSE.restart, 'restarting')
    await clock.advance(29_900)
    expect(server.connections).toHaveLength(1)
    await clock.advance(200)
    expect(server.connections).toHaveLength(2)
  })

  test('leaves a server that speaks out of turn, and comes back slowly', async () => {
    const on = stage()
    on.server.greets = false
    const { server, clock, lines } = await connected(on)
    server.last.send({ type: 'credit', limit: 1 })
    await settle()
    expect(server.last.closed?.code).toBe(CLOSE.violation)
    await clock.advance(299_000)
    expect(server.connections).toHaveLength(1)
    expect(lines.at(-1)?.text).toMatch(/5 to 10 minutes/)
    await clock.advance(152_000)
    expect(server.connections).toHaveLength(2)
  })
})

describe('an agent that is refused', () => {
  test.each([401, 403])('by Drumline with HTTP %i stops and says why', async (status) => {
    const on = stage()
    on.server.refuse = () => new DialError('no', { status, drumline: true })
    const { peer, clock } = await connected(on)
    expect(peer.state).toBe('stopped')
    await expect(peer.ready()).rejects.toBeInstanceOf(CloseError)
    await expect(peer.ready()).rejects.toThrow(/token/)
    await expect(peer.next()).rejects.toBeInstanceOf(CloseError)
    expect(clock.pending).toBe(0)
  })

  test('by something in between tries again', async () => {
    const on = stage()
    on.server.refuse = () => new DialError('blocked', { status: 403, drumline: false })
    const { peer, clock, server } = await connected(on)
    server.refuse = undefined
    await clock.advance(6_000)
    expect(peer.state).toBe('ready')
  })

  test('with a stop code ends everything that waits', async () => {
    const { peer, server, clock } = await connected()
    const next = peer.next()
    const stopped = expect(next).rejects.toMatchObject({ code: CLOSE.superseded })
    await settle()
    server.last.channel.close(CLOSE.superseded, 'another one')
    await stopped
    expect(peer.state).toBe('stopped')
    expect(clock.pending).toBe(0)
  })
})

describe('closing', () => {
  test('in any state leaves no timer and refuses what is asked', async () => {
    for (const prepare of ['ready', 'waiting', 'dialing'] as const) {
      const on = stage()
      if (prepare === 'waiting') on.server.refuse = () => new DialError('no')
      if (prepare === 'dialing') on.server.greets = false
      const peer = connect(on.options)
      await settle()
      expect(peer.state).toBe(prepare)
      await peer.close()
      await settle()
      expect(peer.state).toBe('stopped')
      expect(on.clock.pending).toBe(0)
      await expect(peer.next()).rejects.toMatchObject({ code: 'unavailable', retry: 'never' })
      await on.clock.advance(700_000)
      expect(on.server.connections.length).toBeLessThanOrEqual(1)
    }
  })

  test('what is no address, or no agent, is refused at once', () => {
    const { options } = stage()
    expect(() => connect({ ...options, url: 'nonsense' })).toThrow(TypeError)
    expect(() => connect({ ...options, agent: { capacity: 0 } })).toThrow(/capacity/)
    expect(() => connect({ ...options, agent: { labels: { constructor: 'x' } } })).toThrow(/labels/)
  })
})
