import { describe, expect, test } from 'vitest'
import { BusError, CloseError } from '../../src/protocol/index.ts'
import { againstServer, Gate } from './ends.ts'

const health = (id: number, more: object = {}) => ({ type: 'request', id, method: 'health', params: {}, ...more })

describe('a deadline', () => {
  test('is answered once, fires the signal, and the late result is dropped', async () => {
    const gate = new Gate()
    let aborted = false
    const { say, heard, clock } = againstServer(async (call) => {
      call.signal.addEventListener('abort', () => {
        aborted = true
      })
      return gate.promise
    })
    await say(health(1, { timeoutMs: 50 }))
    await clock.advance(49)
    expect(heard()).toEqual([])
    await clock.advance(1)
    expect(heard()).toMatchObject([{ type: 'error', id: 1, error: { code: 'deadline', outcome: 'unknown' } }])
    expect(aborted).toBe(true)
    gate.open()
    await clock.advance(1000)
    expect(heard()).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  test('that is over when the request comes means it never runs', async () => {
    let calls = 0
    const { say, heard } = againstServer(async () => calls++)
    await say(health(1, { timeoutMs: 0 }))
    expect(heard()).toMatchObject([{ type: 'error', error: { code: 'deadline', outcome: 'none' } }])
    expect(calls).toBe(0)
  })
})

describe('a handler', () => {
  test('that throws what nobody foresaw is answered internal, with nothing of it, and told to the log', async () => {
    const { say, heard, server } = againstServer(async () => {
      throw new Error('SELECT secret FROM credentials at /srv/x.ts:1')
    })
    await say(health(1))
    expect(heard()).toMatchObject([{ type: 'error', error: { code: 'internal', outcome: 'unknown' } }])
    expect(server.port.sent.join()).not.toMatch(/secret|srv/)
    expect(server.faults).toMatchObject([{ message: expect.stringContaining('SELECT') }])
  })

  test('that throws at once is answered all the same', async () => {
    const { say, heard } = againstServer(() => {
      throw new BusError('forbidden', 'not you')
    })
    await say(health(1))
    expect(heard()).toMatchObject([{ type: 'error', error: { code: 'forbidden' } }])
  })

  test('that throws a CloseError closes, with its code', async () => {
    const { say, server } = againstServer(async () => {
      throw new CloseError(4505, 'banned')
    })
    await say(health(1))
    expect(server.closes).toEqual([[4505, 'banned']])
  })

  test.each([
    ['nothing', undefined],
    ['a bigint', { a: 1n }],
  ])('that answers %s is answered internal and told to the log', async (_, result) => {
    const { say, heard, server } = againstServer(async () => result)
    await say(health(1))
    expect(heard()).toMatchObject([{ type: 'error', error: { code: 'internal' } }])
    expect(server.faults).toHaveLength(1)
  })

  test.each([
    ['version', 'none', { protocol: 1, server: 'x'.repeat(300_000) }],
    ['register', 'applied', { id: 'i', name: 'x'.repeat(300_000) }],
  ])('whose answer to %s is too large is answered too_large, outcome %s', async (method, done, result) => {
    const { say, heard, server } = againstServer(async () => result)
    const agent = { name: 'a', version: '1', platform: 'p', backend: 'b', capacity: 1, labels: {} }
    await say({ type: 'request', id: 1, method, params: method === 'register' ? { agent } : {} })
    expect(heard()).toMatchObject([{ type: 'error', error: { code: 'too_large', outcome: done } }])
    expect(server.closes).toEqual([])
  })

  test('whose answer holds more values than a frame may, its dates counted, is answered too_large', async () => {
    const at = new Date('2030-01-01T00:00:00Z')
    const labels = Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`l${index}`, 'v']))
    const token = { id: 'i', role: 'viewer', name: 'n', labels, created: at, revoked: at, lastUsed: at }
    const { say, heard } = againstServer(async (call) => ({
      tokens: Array(call.key === 'few' ? 500 : 600).fill(token),
    }))
    await say({ type: 'request', id: 1, method: 'token.list', params: {}, key: 'few' })
    await say({ type: 'request', id: 2, method: 'token.list', params: {} })
    expect(heard()).toMatchObject([
      { type: 'response', id: 1 },
      { type: 'error', id: 2, error: { code: 'too_large', outcome: 'none' } },
    ])
  })

  test('whose error has more details than fit is answered without them', async () => {
    const details = Array.from({ length: 20 }, () => ({ message: 'x'.repeat(20_000) }))
    const { say, heard } = againstServer(async () => {
      throw new BusError('bad_request', 'many things', { details })
    })
    await say(health(1))
    const [answer] = heard()
    expect(answer).toMatchObject({ type: 'error', error: { code: 'bad_request', message: 'many things' } })
    expect(JSON.stringify(answer)).not.toContain('xxx')
  })

  test('that was told to stop and fails with AbortError is answered canceled, and no fault', async () => {
    const { say, heard, server } = againstServer(
      (call) =>
        new Promise((_, reject) =>
          call.signal.addEventListener('abort', () => reject(new DOMException('x', 'AbortError'))),
        ),
    )
    await say(health(1))
    await say({ type: 'abort', id: 1 })
    expect(heard()).toMatchObject([{ type: 'error', error: { code: 'canceled' } }])
    expect(server.faults).toEqual([])
  })
})
