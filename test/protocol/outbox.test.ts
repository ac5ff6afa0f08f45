import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BusError, type Frame, type Lane, MESSAGE } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { framesOf, joined } from './ends.ts'

const noServe = () => new Promise<never>(() => {})
const bytes = (text: string) => new TextEncoder().encode(text).length
const receipt = (revision: number): Frame => ({ type: 'receipt', lease: 'l', revision, phase: 'received' })
const log = (from: number, size = 10, char = 'x'): Frame => ({
  type: 'log',
  lease: 'l',
  stepId: 's',
  from,
  text: `${char.repeat(size - 1)}\n`,
  runs: [[1, 0, 'out']],
})
const gap = (from: number): Frame => ({ type: 'gap', lease: 'l', stepId: 's', from, to: from, reason: 'lost' })

function sender(): ReturnType<typeof joined>['client'] & { arrived: () => unknown[] } {
  const { client, server } = joined(noServe)
  return { ...client, arrived: () => server.frames }
}

describe('frames of one tick', () => {
  test('leave in one message', async () => {
    const { channel, port } = sender()
    for (let at = 1; at <= 10; at++) channel.send(receipt(at))
    expect(port.sent).toEqual([])
    await settle()
    expect(port.sent).toHaveLength(1)
    expect(framesOf(port.sent)).toEqual(Array.from({ length: 10 }, (_, at) => receipt(at + 1)))
  })

  test('leave in messages that the other end takes, counted in bytes', async () => {
    const { client, server } = joined(noServe, { maxSend: MESSAGE.browserBytes }, { maxBytes: MESSAGE.browserBytes })
    for (let at = 0; at < 30; at++) client.channel.send(log(at + 1, 1_000, 'ü'))
    await settle()
    expect(server.frames).toHaveLength(30)
    expect(Math.max(...client.port.sent.map(bytes))).toBeLessThanOrEqual(MESSAGE.browserBytes)
    expect(client.port.sent.length).toBeLessThan(10)
  })

  test('leave alone if there is one', async () => {
    const { channel, port } = sender()
    channel.send(receipt(1))
    await settle()
    expect(port.sent).toEqual([JSON.stringify(receipt(1))])
  })

  test('leave at once on a flush', () => {
    const { channel, port } = sender()
    channel.send(receipt(1))
    channel.flush()
    expect(port.sent).toHaveLength(1)
  })

  test('leave control first, log last', async () => {
    const { channel, port } = sender()
    channel.send(log(1))
    void channel.call('health', {}).catch(() => {})
    channel.send(receipt(1))
    channel.send(gap(2))
    channel.send(receipt(2))
    await settle()
    expect(framesOf(port.sent).map((frame) => frame.type)).toEqual(['receipt', 'receipt', 'request', 'log', 'gap'])
  })

  test('leave in messages of at most 256 frames', async () => {
    const { channel, port, arrived } = sender()
    for (let at = 1; at <= 600; at++) channel.send(receipt(at))
    await settle()
    expect(port.sent.map((text) => framesOf([text]).length)).toEqual([256, 256, 88])
    expect(arrived()).toHaveLength(600)
  })

  test.each(['x', 'ü', '漢', '"'])(
    'leave in messages of at most 64 KiB of bytes, whatever the letters: %s',
    async (char) => {
      const { channel, port, arrived } = sender()
      for (let at = 1; at <= 60; at++) channel.send(log(at, 4000, char), 'state')
      await settle()
      for (const text of port.sent) expect(bytes(text)).toBeLessThanOrEqual(MESSAGE.batchBytes)
      expect(port.sent.length).toBeLessThan(30)
      expect(arrived()).toEqual(Array.from({ length: 60 }, (_, at) => log(at + 1, 4000, char)))
    },
  )

  test('over 64 KiB leave alone', async () => {
    const { channel, port } = sender()
    const hello: Frame = { type: 'hello', versions: [1], features: Array(64).fill('f'), boot: 'b', dial: 1, claims: [] }
    const claims = Array.from({ length: 400 }, (_, at) => ({
      lease: `lease-${at}`.padEnd(100, 'x'),
      phase: 'running' as const,
      steps: [{ stepId: 's'.repeat(100), next: 1 }],
    }))
    channel.send({ ...hello, claims }, 'control')
    channel.send(receipt(1))
    await settle()
    expect(port.sent.map((text) => framesOf([text]).length)).toEqual([1, 1])
  })

  test('keep their order within a lane, however they are mixed and cut into messages', async () => {
    const lanes: Lane[] = ['control', 'state', 'log']
    const plan = fc.array(fc.tuple(fc.constantFrom(...lanes), fc.integer({ min: 2, max: 16_000 }), fc.boolean()), {
      maxLength: 80,
    })
    await fc.assert(
      fc.asyncProperty(plan, async (steps) => {
        const { channel, port } = sender()
        let at = 0
        for (const [lane, size, flush] of steps) {
          channel.send(log(++at, size), lane)
          if (flush) channel.flush()
        }
        await settle()
        const order = framesOf(port.sent).map((frame) => (frame.type === 'log' ? frame.from : 0))
        expect([...order].sort((a, b) => a - b)).toEqual(steps.map((_, index) => index + 1))
        for (const lane of lanes) {
          const mine = order.filter((from) => steps[from - 1]?.[0] === lane)
          expect(mine).toEqual([...mine].sort((a, b) => a - b))
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('a frame the other end would not take', () => {
  test('is refused to its sender, and the connection goes on', async () => {
    const { client, server } = joined(noServe)
    const data = { kind: 'removed' as const, id: 'x'.repeat(300_000), version: 1 }
    const send = () => server.channel.send({ type: 'event', subscription: 's', offset: 1, data })
    expect(send).toThrow(BusError)
    expect(send).toThrow('too large')
    server.channel.send({ type: 'credit', limit: 1 })
    await settle()
    expect(client.frames).toEqual([{ type: 'credit', limit: 1 }])
    expect(server.closes).toEqual([])
  })

  test('may be larger when it is a hello or a welcome', async () => {
    const { client } = joined(noServe, {}, { maxBytes: MESSAGE.helloBytes })
    const steps = Array.from({ length: 100 }, (_, at) => ({ stepId: `step-${at}`, next: 1 }))
    const claims = Array.from({ length: 250 }, (_, at) => ({ lease: `l${at}`, phase: 'running' as const, steps }))
    const hello: Frame = { type: 'hello', versions: [1], features: [], boot: 'b', dial: 1, claims }
    client.channel.send(hello)
    expect(() => client.channel.send({ ...hello, claims: [...claims, ...claims] })).toThrow('too large')
    await settle()
    expect(client.closes).toEqual([])
  })
})
