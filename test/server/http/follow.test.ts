import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/server/store/store.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { begin, follow, rawFollow } from './work.ts'

describe('following a log', () => {
  test('goes on line by line until the workflow has ended, and says how it ended in a trailer', async () => {
    const { front, work } = await begin()
    const got = await rawFollow(front, work)
    await work.write('s1', 1, ['out', 'first'])
    await waitUntil(() => got.text.includes('first\n'), { what: 'the first line', limitMs: 15_000 })
    await work.write('s1', 2, ['out', 'second'])
    await work.done({ s1: 2, s2: 0 })
    await got.closed
    expect(got.text).toContain('\r\ndrumline-logs: open\r\n')
    expect(got.text).toContain('first\n')
    expect(got.text).toContain('second\n')
    expect(got.text).toMatch(/\r\n0\r\ndrumline-attempt-end: 1\r\ndrumline-logs-end: complete\r\n\r\n$/)
  })

  test('waits ten seconds for lines that are owed, then says that they have not come', async () => {
    const { front, work, viewer } = await begin()
    const reading = await follow(work, viewer)
    await work.write('s1', 1, ['out', 'one'])
    await waitUntil(() => reading.text === 'one\n', { what: 'the line', limitMs: 15_000 })
    await work.done({ s1: 3, s2: 0 })
    await front.house.clock.advance(5_000)
    expect(reading.text).toBe('one\n')
    let ended = false
    void reading.end.then(() => {
      ended = true
    })
    const later = () => front.house.clock.advance(1_000).then(() => ended)
    await waitUntil(later, { what: 'the end', limitMs: 15_000 })
    expect(await reading.end).toBe('whole')
    expect(reading.text).toBe('one\n[drumline: the workflow has ended, and its last lines have not come yet]\n')
  })

  test('goes over to the next attempt, and says so', async () => {
    const { front, work, viewer } = await begin()
    const reading = await follow(work, viewer)
    await work.write('s1', 1, ['out', 'once'])
    await waitUntil(() => reading.text === 'once\n', { what: 'the line', limitMs: 15_000 })
    const next = work.agent.call('next', {})
    await front.house.store.requeue(work.id)
    await work.agent.call('extend', { leases: [{ lease: work.offer.lease, phase: 'fenced' }] })
    await front.house.clock.advance(2 * 3_600_000)
    const offer = await next
    expect(offer?.attempt).toBe(2)
    const second = work.next(offer)
    await work.agent.call('init', {
      lease: offer?.lease ?? '',
      state: { started: 1, finished: 0, error: '', canceled: false },
    })
    await second.write('s1', 1, ['out', 'twice'])
    await second.done({ s1: 1, s2: 0 })
    expect(await reading.end).toBe('whole')
    expect(reading.text).toBe('once\n[drumline: attempt 2]\ntwice\n')
  })

  test('ends with its reader: nothing of it is left', async () => {
    const { front, work, viewer } = await begin()
    const { core } = front.house
    const before = { ...core.feed.size, connected: core.connections.size }
    const readers = Array.from({ length: 20 }, () => new AbortController())
    const readings = await Promise.all(readers.map(({ signal }) => follow(work, viewer, { signal })))
    expect(core.feed.size.subscriptions).toBe(before.subscriptions + 40)
    for (const reader of readers) reader.abort()
    expect(await Promise.all(readings.map(({ end }) => end))).toEqual(Array(20).fill('broken'))
    await waitUntil(() => core.feed.size.subscriptions === before.subscriptions, {
      what: 'the last subscription',
      limitMs: 15_000,
    })
    await waitUntil(() => core.connections.size === before.connected, { what: 'the last connection', limitMs: 15_000 })
  })

  test('is cut, not ended, when the server goes', async () => {
    const { front, work, viewer } = await begin()
    const reading = await follow(work, viewer)
    await work.write('s1', 1, ['out', 'one'])
    await waitUntil(() => reading.text === 'one\n', { what: 'the line', limitMs: 15_000 })
    await front.close()
    expect(await reading.end).toBe('broken')
  })

  test('is cut when its credential is revoked', async () => {
    const { front, work, viewer } = await begin()
    const reading = await follow(work, viewer)
    const found = await front.house.store.namedCredential('viewer', 'viewer')
    await (await front.house.operator()).call('token.revoke', { id: found?.id ?? '' })
    expect(await reading.end).toBe('broken')
  })

  test('by one who does not read costs a page, not the log', { timeout: 60_000 }, async () => {
    let bytes = 0
    const { front, work } = await begin((store) => ({
      ...bound(store),
      readLogs: async (ask) => {
        const page = await store.readLogs(ask)
        bytes += JSON.stringify(page).length
        return page
      },
    }))
    const slow = await rawFollow(front, work)
    slow.pause()
    const chunk = Array.from({ length: 60 }, (): ['out', string] => ['out', 'x'.repeat(1000)])
    for (let from = 1; from < 24_000; from += 60) await work.write('s1', from, ...chunk)
    await work.done({ s1: 24_000, s2: 0 })
    // What the kernel holds for the two ends of the socket, and a page.
    expect(bytes).toBeLessThan(16 * 1024 * 1024)
    slow.resume()
    await slow.closed
    expect(slow.text.split(`${'x'.repeat(1000)}\n`)).toHaveLength(24_001)
    expect(slow.text).toMatch(/drumline-logs-end: complete\r\n\r\n$/)
  })
})

/** The store with its methods bound, so that some can be replaced. */
function bound(store: Store): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
