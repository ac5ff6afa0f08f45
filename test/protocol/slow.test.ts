import { describe, expect, test } from 'vitest'
import { CALLS, type Channel, type Frame } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { framesOf, joined, outcome } from './ends.ts'

const noServe = () => new Promise<never>(() => {})
const receipt = (revision: number): Frame => ({ type: 'receipt', lease: 'l', revision, phase: 'received' })
const log = (from: number, size: number): Frame => ({
  type: 'log',
  lease: 'l',
  stepId: 's',
  from,
  text: `${'x'.repeat(size - 1)}\n`,
  runs: [[1, 0, 'out']],
})

function sender(): ReturnType<typeof joined>['client'] & {
  clock: ReturnType<typeof joined>['clock']
  arrived: () => unknown[]
} {
  const { client, server, clock } = joined(noServe)
  return { ...client, clock, arrived: () => server.frames }
}

describe('on a slow connection', () => {
  const flood = (channel: Channel, frames: number) => {
    for (let at = 1; at <= frames; at++) channel.send(log(at, 16_000))
  }

  test('log frames wait here: the port has the one under way and one more', async () => {
    const { channel, port, clock } = sender()
    port.hold(true)
    flood(channel, 100)
    await clock.advance(1000)
    expect(framesOf(port.sent)).toHaveLength(2)
    expect(channel.logBacklog()).toBeGreaterThan(98 * 16_000)
    expect(channel.backlog()).toBe(channel.logBacklog() + port.buffered())
  })

  test('one log frame more goes ahead when what is before it is shorter than a frame', async () => {
    const { channel, port, clock } = sender()
    port.hold(true)
    channel.send(receipt(1))
    await settle()
    flood(channel, 100)
    await clock.advance(1000)
    expect(port.sent.slice(1).map((text) => framesOf([text]).length)).toEqual([1, 1])
  })

  test('a control frame overtakes all the log that waits', async () => {
    const { channel, port, clock, arrived } = sender()
    port.hold(true)
    flood(channel, 100)
    await settle()
    const ahead = framesOf(port.sent).length
    channel.send(receipt(7))
    await settle()
    expect(framesOf(port.sent)[ahead]).toEqual(receipt(7))
    port.hold(false)
    await clock.advance(100)
    expect(channel.logBacklog()).toBe(0)
    expect(arrived()).toHaveLength(101)
    expect(clock.pending).toBe(0)
  })

  test('nothing is lost or turned round when it comes and goes', async () => {
    const { channel, port, clock, arrived } = sender()
    for (let round = 0; round < 20; round++) {
      port.hold(round % 2 === 0)
      for (let at = 1; at <= 20; at++) channel.send(log(round * 20 + at, 16_000))
      await clock.advance(1)
    }
    port.hold(false)
    await clock.advance(1000)
    expect(arrived()).toEqual(Array.from({ length: 400 }, (_, at) => log(at + 1, 16_000)))
  })

  test('a log backlog of thousands of frames drains in order', async () => {
    const { channel, port, clock, arrived } = sender()
    port.hold(true)
    for (let at = 1; at <= 5000; at++) channel.send(log(at, 100))
    for (let round = 0; round < 100; round++) {
      port.hold(false)
      port.hold(true)
      await clock.advance(2)
    }
    port.hold(false)
    await clock.advance(1000)
    expect(arrived()).toEqual(Array.from({ length: 5000 }, (_, at) => log(at + 1, 100)))
    expect(channel.backlog()).toBe(0)
  })
})

describe('a reader that takes nothing', () => {
  const fill = (channel: Channel) => {
    for (let at = 0; at < 20; at++)
      channel.send({ type: 'missed', subscription: 's', from: 0, to: 0, reason: 'x'.repeat(1024) }, 'state')
  }
  const overfill = (channel: Channel) => {
    while (channel.backlog() <= CALLS.unsentBytes) fill(channel)
    channel.flush()
  }

  test('is no longer read from, and closed with 4003 after 10 s', async () => {
    const { client, server, clock } = joined(noServe)
    await settle()
    server.port.hold(true)
    overfill(server.channel)
    client.channel.send(receipt(1))
    await clock.advance(9_900)
    expect(server.frames).toEqual([])
    expect(server.closes).toEqual([])
    await clock.advance(200)
    expect(server.closes).toEqual([[4003, 'reads too slowly']])
    expect(clock.pending).toBe(0)
  })

  test('and whose connection breaks leaves no timer behind', async () => {
    const { server, clock } = joined(noServe)
    await settle()
    server.port.hold(true)
    overfill(server.channel)
    server.port.cut()
    await settle()
    expect(server.closes).toEqual([[1006, '']])
    expect(clock.pending).toBe(0)
  })

  test('that takes it in time is read from again', async () => {
    const { client, server, clock } = joined(noServe)
    await settle()
    server.port.hold(true)
    overfill(server.channel)
    client.channel.send(receipt(1))
    await clock.advance(5_000)
    expect(server.frames).toEqual([])
    server.port.hold(false)
    await clock.advance(20_000)
    expect(server.frames).toEqual([receipt(1)])
    expect(server.closes).toEqual([])
    expect(clock.pending).toBe(0)
  })
})

describe('a reader that takes nothing and asks for much', () => {
  const PAGE = { page: 'x'.repeat(200 * 1024) }

  /** Its calls settle as they are answered; `begun` are those that the server has worked on. */
  function asker() {
    const begun: string[] = []
    const { client, server, clock } = joined(async ({ method }) => {
      begun.push(method)
      return method === 'logs' ? PAGE : {}
    })
    const ask = (method: 'logs' | 'unsubscribe' | 'health') => {
      const params = { logs: { id: 'w' }, unsubscribe: { subscription: 's' }, health: {} }[method]
      return outcome(client.channel.call(method, params))
    }
    return { client, server, clock, begun, ask }
  }

  test('costs 1 MiB at most: of 40 pages those begin that have room, the others once it reads', async () => {
    const { server, clock, begun, ask } = asker()
    await settle()
    server.port.hold(true)
    const pages = Array.from({ length: 40 }, () => ask('logs'))
    await clock.advance(1_000)
    expect(server.channel.backlog()).toBeGreaterThan(CALLS.unsentBytes / 2)
    expect(server.channel.backlog()).toBeLessThanOrEqual(CALLS.unsentBytes)
    expect(begun.length).toBeLessThan(10)
    server.port.hold(false)
    await clock.advance(1_000)
    expect(await Promise.all(pages)).toHaveLength(40)
    expect(begun).toHaveLength(40)
    expect(clock.pending).toBe(0)
  })

  test('is closed with 4003 after 10 s', async () => {
    const { server, clock, ask } = asker()
    await settle()
    server.port.hold(true)
    for (let at = 0; at < 10; at++) void ask('logs')
    await clock.advance(9_900)
    expect(server.closes).toEqual([])
    await clock.advance(200)
    expect(server.closes).toEqual([[4003, 'reads too slowly']])
    expect(clock.pending).toBe(0)
  })

  test('does not keep what is small from being answered at once', async () => {
    const { server, clock, ask } = asker()
    await settle()
    server.port.hold(true)
    for (let at = 0; at < 10; at++) void ask('logs')
    await clock.advance(100)
    void ask('health')
    await settle()
    expect(framesOf(server.port.sent).at(-1)).toEqual({ type: 'response', id: 11, result: {} })
  })

  test('has what it ends done in the order in which it asked', async () => {
    const { server, clock, begun, ask } = asker()
    await settle()
    server.port.hold(true)
    for (let at = 0; at < 10; at++) void ask('logs')
    void ask('unsubscribe')
    await clock.advance(100)
    expect(begun).not.toContain('unsubscribe')
    server.port.hold(false)
    await clock.advance(1_000)
    expect(begun.at(-1)).toBe('unsubscribe')
    expect(begun).toHaveLength(11)
  })

  test('may give up what has not begun', async () => {
    const { client, server, clock, begun, ask } = asker()
    await settle()
    server.port.hold(true)
    for (let at = 0; at < 10; at++) void ask('logs')
    const aborted = new AbortController()
    const call = outcome(client.channel.call('logs', { id: 'w' }, { signal: aborted.signal }))
    const late = outcome(client.channel.call('logs', { id: 'w' }, { timeoutMs: 1_000 }))
    await clock.advance(100)
    aborted.abort()
    await clock.advance(2_000)
    server.port.hold(false)
    await clock.advance(1_000)
    expect(await call).toEqual({ code: 'canceled', outcome: 'none' })
    expect(await late).toMatchObject({ code: 'deadline' })
    expect(begun).toHaveLength(10)
  })
})
