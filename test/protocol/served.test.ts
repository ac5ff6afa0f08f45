import { describe, expect, test } from 'vitest'
import { BusError, CALLS } from '../../src/protocol/index.ts'
import { againstServer, Gate } from './ends.ts'

const never = () => new Promise<never>(() => {})
const health = (id: number, more: object = {}) => ({ type: 'request', id, method: 'health', params: {}, ...more })

describe('a request', () => {
  test.each(['__proto__', 'constructor', 'toString', 'then', 'hasOwnProperty', '', 'Health', 'x'.repeat(10_000)])(
    'for the method %.20j is answered unknown_method in under 300 bytes and runs nothing',
    async (method) => {
      let calls = 0
      const { say, heard, server } = againstServer(async () => calls++)
      await say({ type: 'request', id: 1, method, params: {} })
      expect(heard()).toMatchObject([
        { type: 'error', id: 1, error: { code: 'unknown_method', retry: 'never', outcome: 'none' } },
      ])
      expect(server.port.sent[0]?.length).toBeLessThan(300)
      expect(calls).toBe(0)
      expect(server.closes).toEqual([])
    },
  )

  test('with bad params is answered bad_request, naming the place', async () => {
    const { say, heard } = againstServer(async () => ({}))
    const step = { stepId: 's', state: 'asleep', started: null, finished: null, exitCode: null, error: '' }
    await say({ type: 'request', id: 1, method: 'update', params: { lease: 'l', seq: 1, step } })
    expect(heard()).toMatchObject([{ type: 'error', error: { code: 'bad_request', outcome: 'none' } }])
    expect(JSON.stringify(heard())).toContain('params.step.state: ')
  })

  test('with very bad params is answered in few words', async () => {
    const { say, server } = againstServer(async () => ({}))
    const params = Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`key-${at}`, at]))
    await say({ type: 'request', id: 1, method: 'health', params })
    expect(server.port.sent).toHaveLength(1)
    expect(server.port.sent[0]?.length).toBeLessThan(500)
  })

  test('gets its params as the schema made them, and lives no longer than its answer', async () => {
    const seen: unknown[] = []
    const { say, heard, server } = againstServer(async (call) => {
      seen.push(call.id, call.method, call.params)
      return {}
    })
    await say({ type: 'request', id: 4, method: 'decline', params: { lease: 'l', reason: 'no' } })
    expect(seen).toEqual([4, 'decline', { lease: 'l', reason: 'no' }])
    expect(heard()).toEqual([{ type: 'response', id: 4, result: {} }])
    expect(server.channel.openCalls).toBe(0)
  })

  test.each([
    ['the same id at once', [health(1), health(1)]],
    ['a lower id later', [health(2), health(1)]],
  ])('with %s closes with 4502', async (_, frames) => {
    const { say, server } = againstServer(never)
    await say(...frames)
    expect(server.closes).toMatchObject([[4502, expect.anything()]])
  })

  test('with an id that has been answered closes with 4502', async () => {
    const { say, server } = againstServer(async () => ({}))
    await say(health(1))
    await say(health(1))
    expect(server.closes).toMatchObject([[4502, expect.anything()]])
  })

  test('beyond 512 in flight is answered busy, and taken again when one is done', async () => {
    const gates: Gate[] = []
    const { say, heard, server } = againstServer(() => {
      const gate = new Gate()
      gates.push(gate)
      return gate.promise
    })
    for (let first = 1; first <= CALLS.inFlight; first += 128) {
      await say(...Array.from({ length: 128 }, (_, at) => health(first + at)))
    }
    expect(heard()).toEqual([])
    await say(health(513))
    expect(heard()).toMatchObject([
      { type: 'error', id: 513, error: { code: 'busy', retry: 'later', outcome: 'none' } },
    ])
    gates[0]?.open()
    await say(health(514))
    gates.at(-1)?.open()
    await say({ type: 'abort', id: 514 })
    expect(heard().slice(1)).toEqual([
      { type: 'response', id: 1, result: {} },
      { type: 'response', id: 514, result: {} },
    ])
    expect(server.closes).toEqual([])
  })

  test('for next or extend is taken beyond 512 in flight', async () => {
    const { say, heard, server } = againstServer(never)
    for (let first = 1; first <= CALLS.inFlight; first += 128) {
      await say(...Array.from({ length: 128 }, (_, at) => health(first + at)))
    }
    await say({ type: 'request', id: 600, method: 'next', params: {} })
    await say({ type: 'request', id: 601, method: 'extend', params: { leases: [] } })
    expect(heard()).toEqual([])
    expect(server.channel.openCalls).toBe(514)
  })
})

describe('an abort', () => {
  test('fires the signal of its request, with a reason', async () => {
    let reason: unknown
    const { say } = againstServer((call) => {
      call.signal.addEventListener('abort', () => {
        reason = call.signal.reason
      })
      return never()
    })
    await say(health(1))
    await say({ type: 'abort', id: 1 })
    expect(reason).toBeInstanceOf(BusError)
    expect(reason).toMatchObject({ code: 'canceled' })
  })

  test('is seen by a handler that looks at its signal only later', async () => {
    const gate = new Gate()
    const { say, heard } = againstServer(async (call) => {
      await gate.promise
      call.signal.throwIfAborted()
      return {}
    })
    await say(health(1))
    await say({ type: 'abort', id: 1 })
    gate.open()
    await say({ type: 'abort', id: 1 })
    expect(heard()).toMatchObject([{ type: 'error', id: 1, error: { code: 'canceled', outcome: 'unknown' } }])
  })

  test('of an id that is not known, or answered, means nothing', async () => {
    const { say, heard, server } = againstServer(async () => ({}))
    await say({ type: 'abort', id: 7 })
    await say(health(8))
    await say({ type: 'abort', id: 8 }, { type: 'abort', id: 7 })
    expect(heard()).toEqual([{ type: 'response', id: 8, result: {} }])
    expect(server.closes).toEqual([])
  })

  test.each([
    ['next', {}, { type: 'response', id: 1, result: null }],
    ['health', {}, { type: 'error', id: 1, error: { code: 'canceled', outcome: 'none' } }],
  ])('that came before its request for %s is remembered: it never runs', async (method, params, answer) => {
    let calls = 0
    const { say, heard } = againstServer(async () => calls++)
    await say({ type: 'abort', id: 1 }, { type: 'request', id: 1, method, params })
    expect(heard()).toMatchObject([answer])
    expect(calls).toBe(0)
  })

  test('may come early any number of times without filling memory or closing', async () => {
    const { say, server } = againstServer(async () => ({}))
    for (let first = 0; first < 10; first++) {
      await say(...Array.from({ length: 200 }, (_, at) => ({ type: 'abort', id: 1000 + first * 200 + at })))
    }
    expect(server.closes).toEqual([])
  })
})
