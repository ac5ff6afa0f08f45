import { describe, expect, test } from 'vitest'
import { BusError } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { againstClient, framesOf, Gate, joined, outcome } from './ends.ts'

const version = { protocol: 1, server: 'test' }
const never = () => new Promise<never>(() => {})

describe('a call', () => {
  test('settles with its own answer, in whatever order answers come', async () => {
    const gates = new Map<string, Gate>()
    const { client } = joined((call) => {
      const gate = new Gate()
      gates.set((call.params as { id: string }).id, gate)
      return gate.promise
    })
    const first = client.channel.call('explain', { id: 'first' })
    const second = client.channel.call('explain', { id: 'second' })
    await settle()
    gates.get('second')?.open({ reasons: [{ code: 'paused', message: 'two' }] })
    expect(await second).toEqual({ reasons: [{ code: 'paused', message: 'two' }] })
    gates.get('first')?.open({ reasons: [] })
    expect(await first).toEqual({ reasons: [] })
  })

  test('numbers its requests 1, 2, 3 … on each connection', async () => {
    const { client } = joined(async () => ({}))
    await Promise.all([client.channel.call('health', {}), client.channel.call('health', {})])
    await client.channel.call('health', {})
    expect(framesOf(client.port.sent).map((frame) => 'id' in frame && frame.id)).toEqual([1, 2, 3])
  })

  test('rejects with the error that was answered, in full', async () => {
    const details = [{ file: 'a.yaml', line: 3, column: 1, message: 'no' }]
    const { client } = joined(async () => {
      throw new BusError('rate_limited', 'slow down', { retryAfterMs: 50, details })
    })
    const error: unknown = await client.channel.call('health', {}).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(BusError)
    expect(error).toMatchObject({
      code: 'rate_limited',
      message: 'slow down',
      retry: 'later',
      outcome: 'none',
      retryAfterMs: 50,
      details,
    })
  })

  test('brings dates back as dates', async () => {
    const created = new Date('2030-01-01T00:00:00Z')
    const none = { expires: null, overlap: null, revoked: null, lastUsed: null, enrolled: null }
    const token = { id: 't', role: 'viewer', name: 'n', labels: {}, state: 'valid', created, ...none }
    const { client } = joined(async () => ({ tokens: [token], next: null }))
    expect(await client.channel.call('token.list', {})).toEqual({ tokens: [token], next: null })
  })

  test('carries its key', async () => {
    const keys: unknown[] = []
    const { client } = joined(async (call) => {
      keys.push(call.key)
      return {}
    })
    await client.channel.call('queue.pause', {}, { key: 'once' })
    await client.channel.call('queue.pause', {})
    expect(keys).toEqual(['once', undefined])
  })

  test('whose params do not fit a message fails as too large, and the connection goes on', async () => {
    const { client } = joined(async () => ({}))
    const decline = client.channel.call('decline', { lease: 'l', reason: 'x'.repeat(300_000) })
    expect(await outcome(decline)).toEqual({ code: 'too_large', outcome: 'none' })
    expect(await client.channel.call('health', {})).toEqual({})
  })

  test('whose params hold more values than a frame may fails as too large', async () => {
    const { client } = joined(async () => ({}))
    const leases = Array.from({ length: 6_000 }, (_, at) => ({ lease: `l${at}`, phase: 'running' as const }))
    expect(await outcome(client.channel.call('extend', { leases }))).toEqual({ code: 'too_large', outcome: 'none' })
    expect(client.closes).toEqual([])
  })

  test('whose answer does not fit the schema fails, and the connection goes on', async () => {
    const { client } = joined(async (call) => (call.method === 'version' ? { protocol: 'one' } : {}))
    expect(await outcome(client.channel.call('version', {}))).toEqual({ code: 'internal', outcome: 'none' })
    expect(await outcome(client.channel.call('health', {}))).toEqual({})
  })
})

describe('an abort', () => {
  test('of a call under way is told to the other end, and the call settles with its answer', async () => {
    const { client } = joined(
      (call) =>
        new Promise((resolve) => {
          call.signal.addEventListener('abort', () => resolve(version))
        }),
    )
    const abort = new AbortController()
    const call = client.channel.call('version', {}, { signal: abort.signal })
    await settle()
    abort.abort()
    expect(await call).toEqual(version)
    expect(framesOf(client.port.sent).at(-1)).toEqual({ type: 'abort', id: 1 })
  })

  test('that the handler heeds rejects the call as canceled', async () => {
    const { client } = joined(
      (call) =>
        new Promise((_, reject) => call.signal.addEventListener('abort', () => reject(call.signal.reason as Error))),
    )
    const abort = new AbortController()
    const call = outcome(client.channel.call('version', {}, { signal: abort.signal }))
    await settle()
    abort.abort()
    expect(await call).toEqual({ code: 'canceled', outcome: 'unknown' })
  })

  test('before the call sends nothing', async () => {
    const { client } = joined(never)
    const signal = AbortSignal.abort()
    expect(await outcome(client.channel.call('version', {}, { signal }))).toEqual({ code: 'canceled', outcome: 'none' })
    expect(await client.channel.call('next', {}, { signal })).toBeNull()
    await settle()
    expect(client.port.sent).toEqual([])
  })

  test('in the tick of the call reaches a server that never runs the work twice', async () => {
    const { client, server } = joined(
      (call) => new Promise((resolve) => call.signal.addEventListener('abort', () => resolve(null))),
    )
    const abort = new AbortController()
    const call = client.channel.call('next', {}, { signal: abort.signal })
    abort.abort()
    expect(await call).toBeNull()
    expect(server.channel.openCalls).toBe(0)
  })

  test('of a call that waits for its place settles at once and sends nothing', async () => {
    const { client } = joined(never, { inFlight: 1 })
    void outcome(client.channel.call('version', {}))
    const abort = new AbortController()
    const waiting = outcome(client.channel.call('version', {}, { signal: abort.signal }))
    await settle()
    abort.abort()
    expect(await waiting).toEqual({ code: 'canceled', outcome: 'none' })
    expect(framesOf(client.port.sent)).toHaveLength(1)
  })

  test('after the answer says nothing', async () => {
    const { client } = joined(async () => version)
    const abort = new AbortController()
    await client.channel.call('version', {}, { signal: abort.signal })
    abort.abort()
    await settle()
    expect(framesOf(client.port.sent)).toHaveLength(1)
  })
})

describe('a deadline', () => {
  test('ends the call on time, and its timer with it', async () => {
    const { client, clock } = joined(never)
    const call = outcome(client.channel.call('version', {}, { timeoutMs: 100 }))
    await clock.advance(99)
    expect(client.channel.openCalls).toBe(1)
    await clock.advance(1)
    expect(await call).toEqual({ code: 'deadline', outcome: 'unknown' })
    expect(clock.pending).toBe(0)
  })

  test('of a call that was answered never fires', async () => {
    const { client, clock } = joined(async () => version)
    expect(await client.channel.call('version', {}, { timeoutMs: 100 })).toEqual(version)
    expect(clock.pending).toBe(0)
  })

  test('of a call that waited for its place counts from the asking', async () => {
    const gate = new Gate()
    const { client, clock } = joined(() => gate.promise, { inFlight: 1 })
    const first = client.channel.call('health', {})
    void outcome(client.channel.call('health', {}, { timeoutMs: 100 }))
    await clock.advance(60)
    gate.open()
    await first
    await settle()
    expect(framesOf(client.port.sent).at(-1)).toMatchObject({ id: 2, timeoutMs: 40 })
  })

  test('before the call was written means nothing happened', async () => {
    const { client, clock } = joined(never, { inFlight: 1 })
    void outcome(client.channel.call('health', {}))
    const waiting = outcome(client.channel.call('health', {}, { timeoutMs: 100 }))
    await clock.advance(100)
    expect(await waiting).toEqual({ code: 'deadline', outcome: 'none' })
  })

  test('leaves the id taken, so that the late answer is no surprise', async () => {
    const { client, clock, say } = againstClient()
    const call = outcome(client.channel.call('health', {}, { timeoutMs: 100 }))
    await clock.advance(100)
    expect(await call).toMatchObject({ code: 'deadline' })
    await say({ type: 'response', id: 1, result: {} })
    expect(client.closes).toEqual([])
    expect(client.channel.openCalls).toBe(0)
  })
})
