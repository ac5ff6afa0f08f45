import { describe, expect, test } from 'vitest'
import { Channel, CloseError, type Frame } from '../../src/protocol/index.ts'
import { FakeClock, settle } from '../support/fake-clock.ts'
import { pair } from '../support/pair.ts'
import { againstServer, framesOf, joined, outcome } from './ends.ts'

const never = () => new Promise<never>(() => {})
const credit = (limit: number): Frame => ({ type: 'credit', limit })

describe('a close', () => {
  test('by one end is told once to each, with its code and reason', async () => {
    const { client, server } = joined(never)
    await settle()
    server.channel.close(4000, 'draining')
    server.channel.close(4001, 'again')
    await settle()
    expect(server.closes).toEqual([[4000, 'draining']])
    expect(client.closes).toEqual([[4000, 'draining']])
    expect(client.channel.closed && server.channel.closed).toBe(true)
  })

  test('lets what was queued leave first', async () => {
    const { client, server } = joined(never)
    server.channel.send({ type: 'bye', afterMs: 10, reason: 'drain' })
    server.channel.close(1012, '')
    await settle()
    expect(client.frames).toEqual([{ type: 'bye', afterMs: 10, reason: 'drain' }])
    expect(client.closes).toEqual([[1012, '']])
  })

  test('clips its reason to 123 bytes', async () => {
    const { client, server } = joined(never)
    server.channel.close(4000, 'ü'.repeat(200))
    await settle()
    expect(client.closes).toEqual([[4000, 'ü'.repeat(61)]])
  })

  test('rejects written calls as unknown and waiting ones as not done', async () => {
    const { client } = joined(never, { inFlight: 1 })
    const written = outcome(client.channel.call('health', {}))
    const waiting = outcome(client.channel.call('health', {}))
    await settle()
    client.port.cut()
    expect(await written).toEqual({ code: 'unavailable', outcome: 'unknown' })
    expect(await waiting).toEqual({ code: 'unavailable', outcome: 'none' })
    expect(client.closes).toEqual([[1006, '']])
  })

  test('rejects later calls at once, and sends and flushes nothing more', async () => {
    const { client } = joined(never)
    client.channel.close(1000, '')
    expect(await outcome(client.channel.call('health', {}))).toEqual({ code: 'unavailable', outcome: 'none' })
    client.channel.send({ type: 'ping' })
    client.channel.flush()
    await settle()
    expect(client.port.sent).toEqual([])
    expect(client.channel.backlog()).toBe(0)
  })

  test('tells every handler by its signal, and drops their answers', async () => {
    let stopped: unknown
    const { server, client } = joined(
      (call) =>
        new Promise((resolve) => {
          call.signal.addEventListener('abort', () => {
            stopped = call.signal.reason
            resolve(null)
          })
        }),
    )
    const next = outcome(client.channel.call('next', {}))
    await settle()
    client.port.cut()
    await settle()
    expect(stopped).toMatchObject({ code: 'unavailable' })
    expect(await next).toMatchObject({ code: 'unavailable' })
    expect(server.port.sent).toEqual([])
    expect(server.channel.openCalls).toBe(0)
  })

  test('leaves no timer and no listener', async () => {
    const { client, server, clock } = joined(never)
    const abort = new AbortController()
    const call = outcome(client.channel.call('next', {}, { signal: abort.signal, timeoutMs: 1000 }))
    client.port.hold(true)
    for (let at = 1; at <= 20; at++) {
      client.channel.send({
        type: 'log',
        lease: 'l',
        stepId: 's',
        from: at,
        text: `${'x'.repeat(16_000)}\n`,
        runs: [[1, 0, 'out']],
      })
    }
    await settle()
    expect(clock.pending).toBeGreaterThan(0)
    client.port.cut()
    await call
    expect(clock.pending).toBe(0)
    abort.abort()
    await clock.advance(10_000)
    expect(client.channel.openCalls + server.channel.openCalls).toBe(0)
  })

  test('from within a frame stops the rest of its message', async () => {
    const seen: Frame[] = []
    const { client, server } = joined(never, {
      onFrame: (frame) => {
        seen.push(frame)
        client.channel.close(1000, '')
      },
    })
    server.channel.send(credit(1))
    server.channel.send(credit(2))
    await settle()
    expect(seen).toEqual([credit(1)])
  })
})

describe('a frame', () => {
  test('reaches the owner in order, events with their dates', async () => {
    const { client, server } = joined(never)
    const at = new Date('2030-05-01T00:00:00Z')
    const agent = {
      id: 'a',
      version: 1,
      name: 'a',
      state: 'online' as const,
      schedulable: true,
      drainedBy: null,
      labels: {},
      capacity: 1,
      running: 0,
      platform: 'p',
      backend: 'b',
      software: '1',
      connected: at,
      address: '192.0.2.1',
      roundTripMs: 12,
      connections: 1,
      lastSeen: null,
      keepaliveMs: null,
      conflict: null,
    }
    const event: Frame = { type: 'event', subscription: 's', offset: 1, data: { kind: 'agent', agent } }
    server.channel.send(credit(1))
    server.channel.send(event)
    await settle()
    expect(client.frames).toEqual([credit(1), event])
  })

  test('on which the owner throws a CloseError closes with its code', async () => {
    const { client, server } = joined(never, {
      onFrame: () => {
        throw new CloseError(4503, 'version')
      },
    })
    server.channel.send(credit(1))
    await settle()
    expect(client.closes).toEqual([[4503, 'version']])
    expect(server.closes).toEqual([[4503, 'version']])
  })

  test('on which the owner fails closes with 1011, telling the log and not the peer', async () => {
    const { client, server } = joined(never, {
      onFrame: () => {
        throw new Error('of our own')
      },
    })
    server.channel.send(credit(1))
    await settle()
    expect(client.faults).toMatchObject([{ message: 'of our own' }])
    expect(server.closes).toEqual([[1011, 'internal error']])
  })

  test('is judged by what the channel receives now', async () => {
    const receipt = { type: 'receipt', lease: 'l', revision: 1, phase: 'stopped' }
    const { server, say } = againstServer(never)
    server.channel.receives = 'client'
    server.channel.maxBytes = 100
    await say({ type: 'ping' })
    server.channel.receives = 'agent'
    await say(receipt)
    expect(server.frames).toEqual([{ type: 'ping' }, receipt])
    server.channel.receives = 'client'
    await say(receipt)
    expect(server.closes).toMatchObject([[4502, expect.anything()]])
  })

  test('over the bytes the channel takes now closes with 1009', async () => {
    const { server, say } = againstServer(never)
    server.channel.maxBytes = 100
    await say({ type: 'receipt', lease: 'l'.repeat(100), revision: 1, phase: 'stopped' })
    expect(server.closes).toMatchObject([[1009, expect.anything()]])
  })

  test('that was there before the channel comes when its owner holds it', async () => {
    const [a, b] = pair()
    a.send('{"type":"ping"}')
    await settle()
    const seen: unknown[] = []
    const channel: Channel = new Channel({
      side: 'server',
      port: b,
      clock: new FakeClock(),
      receives: 'client',
      maxBytes: 1000,
      onFrame: (frame) => void seen.push(frame, channel.closed),
      onClose: () => {},
    })
    expect(seen).toEqual([])
    await settle()
    expect(seen).toEqual([{ type: 'ping' }, false])
  })

  test('that is a request to an end that serves nothing closes', async () => {
    const { client, server } = joined(never)
    server.port.send('{"type":"request","id":1,"method":"health","params":{}}')
    await settle()
    expect(client.closes).toMatchObject([[4502, expect.anything()]])
  })
})

test('answers to requests of one message leave in one message', async () => {
  const { client, server } = joined(async () => ({}))
  await Promise.all(Array.from({ length: 64 }, () => client.channel.call('health', {})))
  expect(client.port.sent).toHaveLength(1)
  expect(server.port.sent).toHaveLength(1)
  expect(framesOf(server.port.sent)).toHaveLength(64)
})
