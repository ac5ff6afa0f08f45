import { describe, expect, test } from 'vitest'
import { CALLS, type Channel, type Frame } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { framesOf, joined } from './ends.ts'

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
