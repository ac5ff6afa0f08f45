import { describe, expect, test } from 'vitest'
import type { Change } from '../../../src/server/store/change.ts'
import type { Call, Timed } from '../../../src/server/store/sqlite/engine.ts'
import { Front, type Link, storeOver } from '../../../src/server/store/sqlite/front.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { refusal } from './contract/world.ts'

/** An engine that answers when the test says so. */
class HeldLink implements Link {
  readonly posted: Call[][] = []
  answer: (outcome: Timed) => void = () => {}
  fail: (error: Error) => void = () => {}
  closed = 0

  post(calls: Call[]): void {
    this.posted.push(calls)
  }

  onOutcome(listener: (outcome: Timed) => void): void {
    this.answer = listener
  }

  onFailure(listener: (error: Error) => void): void {
    this.fail = listener
  }

  async close(): Promise<void> {
    this.closed++
  }
}

function held() {
  const link = new HeldLink()
  const failures: string[] = []
  const clock = new FakeClock(1_000)
  const store = storeOver(new Front(link, clock, (error) => failures.push(error.message)))
  return { link, failures, clock, store }
}

describe('the store’s front', () => {
  test('sends what is asked in one tick as one batch, with the time of each call', async () => {
    const { link, clock, store } = held()
    const asked = [store.get('a')]
    clock.jump(5)
    asked.push(store.get('b'))
    await Promise.resolve()
    expect(link.posted.map((calls) => calls.map(({ op, args, now }) => [op, args, now]))).toEqual([
      [
        ['get', ['a'], 1_000],
        ['get', ['b'], 1_005],
      ],
    ])
    link.answer({ settled: link.posted.flat().map(({ id }) => ({ id, value: null })), changes: [], ms: 1 })
    expect(await Promise.all(asked)).toEqual([null, null])
  })

  test('tells changes before it answers, and answers even if whoever listens fails', async () => {
    const { link, store } = held()
    const change: Change = { kind: 'queue', version: 1, scopes: [] }
    const order: string[] = []
    store.onChange(() => {
      order.push('told')
      throw new Error('a listener that fails')
    })
    const asked = store.get('a').then(() => order.push('answered'))
    await Promise.resolve()
    const settled = link.posted.flat().map(({ id }) => ({ id, value: null }))
    expect(() => link.answer({ settled, changes: [change], ms: 1 })).toThrow('a listener that fails')
    await asked
    expect(order).toEqual(['told', 'answered'])
  })

  test('once the engine has died, refuses what was under way, whatever came of it, and what comes after', async () => {
    const { link, failures, store } = held()
    const asked = refusal(store.get('a'))
    await Promise.resolve()
    link.fail(new Error('out of memory'))
    expect(await asked).toMatchObject({ code: 'unavailable', retry: 'later', outcome: 'unknown' })
    expect(await refusal(store.get('b'))).toMatchObject({ code: 'unavailable', outcome: 'none' })
    expect(failures).toEqual(['out of memory'])
    expect(link.posted).toHaveLength(1)
    await store.close()
  })

  test('closes the engine once, after what was asked is answered', async () => {
    const { link, store } = held()
    const asked = store.get('a')
    const closing = Promise.all([store.close(), store.close()])
    expect((await refusal(store.get('b'))).code).toBe('unavailable')
    expect(link.closed).toBe(0)
    link.answer({ settled: link.posted.flat().map(({ id }) => ({ id, value: null })), changes: [], ms: 1 })
    await Promise.all([asked, closing])
    expect(link.closed).toBe(1)
  })
})
