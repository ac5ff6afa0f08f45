import { describe, expect, test } from 'vitest'
import { CALLS, type MethodName } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { againstClient, framesOf, Gate, joined, outcome } from './ends.ts'

const never = () => new Promise<never>(() => {})
const work = { started: 1, finished: 0, error: '', canceled: false }

describe('the in-flight limit', () => {
  test('lets no more requests out than it says, and the others in order as answers come', async () => {
    let most = 0
    let running = 0
    const gates: Gate[] = []
    const { client } = joined(
      async () => {
        most = Math.max(most, ++running)
        const gate = new Gate()
        gates.push(gate)
        await gate.promise
        running--
        return {}
      },
      { inFlight: 3 },
    )
    const calls = Array.from({ length: 10 }, () => client.channel.call('health', {}))
    for (let at = 0; at < 10; at++) {
      await settle()
      gates[at]?.open()
    }
    await Promise.all(calls)
    expect(most).toBe(3)
    expect(framesOf(client.port.sent).map((frame) => 'id' in frame && frame.id)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ])
  })

  test('is 512 by default', async () => {
    const { client } = joined(never)
    for (let at = 0; at < 600; at++) void outcome(client.channel.call('health', {}))
    await settle()
    expect(framesOf(client.port.sent)).toHaveLength(CALLS.inFlight)
  })

  test.each<MethodName>(['next', 'extend'])('never holds %s back', async (method) => {
    const asked: string[] = []
    const { client } = joined(
      (call) => {
        asked.push(call.method)
        return never()
      },
      { inFlight: 1 },
    )
    void outcome(client.channel.call('init', { lease: 'l', state: work }))
    void outcome(client.channel.call('health', {}))
    void outcome(method === 'next' ? client.channel.call('next', {}) : client.channel.call('extend', { leases: [] }))
    await settle()
    expect(asked).toEqual(['init', method])
  })

  test('is not loosened by an answer to next or extend', async () => {
    const asked: string[] = []
    const { client } = joined(
      (call) => {
        asked.push(call.method)
        return call.method === 'next' ? Promise.resolve(null) : never()
      },
      { inFlight: 1 },
    )
    void outcome(client.channel.call('health', {}))
    void outcome(client.channel.call('version', {}))
    expect(await client.channel.call('next', {})).toBeNull()
    await settle()
    expect(asked).toEqual(['health', 'next'])
  })
})

describe('an answer', () => {
  test.each([
    ['nobody asked for', { type: 'response', id: 1, result: {} }],
    [
      'an error nobody asked for',
      { type: 'error', id: 9, error: { code: 'busy', message: '', retry: 'later', outcome: 'none' } },
    ],
  ])('%s closes with 4502', async (_, frame) => {
    const { client, say } = againstClient()
    await say(frame)
    expect(client.closes).toMatchObject([[4502, expect.anything()]])
  })

  test('that comes twice closes with 4502, and the call keeps the first', async () => {
    const { client, say } = againstClient()
    const call = client.channel.call('health', {})
    await settle()
    await say({ type: 'response', id: 1, result: {} }, { type: 'response', id: 1, result: {} })
    expect(await call).toEqual({})
    expect(client.closes).toMatchObject([[4502, expect.anything()]])
  })

  test('with a superjson value that is not allowed closes with 4502 and leaves no call open', async () => {
    const { client, say } = againstClient()
    const call = outcome(client.channel.call('token.list', {}))
    await settle()
    await say({ type: 'response', id: 1, result: { json: { a: '/x/' }, meta: { v: 1, values: { a: ['regexp'] } } } })
    expect(await call).toEqual({ code: 'unavailable', outcome: 'unknown' })
    expect(client.closes).toMatchObject([[4502, expect.anything()]])
  })
})
