import { describe, expect, test } from 'vitest'
import type { FeedData } from '../../../src/protocol/index.ts'
import { agentView } from '../queue/builder.ts'
import { agent, Fixture, line, Reader, workflow } from './builder.ts'

const MiB = 1024 * 1024

/** Long enough for a slow one to be looked at again. */
const SOON = 50

describe('a slow subscriber', () => {
  test('gets of each entity only the latest state once it has room', async () => {
    const { feed, clock, reader } = await slow('workflows')
    for (const version of [1, 2, 3]) {
      for (const id of ['a', 'b']) feed.publish('workflows', workflow(id, version))
    }
    feed.publish('workflows', { kind: 'removed', id: 'a', version: 4 })
    expect(reader.heard).toEqual([])
    reader.waiting = 0
    await clock.advance(SOON)
    expect(reader.heard).toEqual(['s 6 b@3', 's 7 a@4 removed'])
    feed.publish('workflows', workflow('b', 5))
    expect(reader.heard.at(-1)).toBe('s 8 b@5')
    expect(clock.pending).toBe(0)
  })

  test('is sent as much at a time as it has room for, in order', async () => {
    const { feed, clock, reader } = await slow('agents')
    for (let i = 1; i <= 10; i++) feed.publish('agents', agent(`a${i}`, i))
    reader.costs = 100 * 1024
    reader.waiting = 0
    await clock.advance(SOON)
    expect(reader.heard).toEqual(['s 1 a1@1', 's 2 a2@2', 's 3 a3@3'])
    feed.publish('agents', agent('a11', 11))
    reader.waiting = 0
    await clock.advance(SOON)
    expect(reader.heard.at(-1)).toBe('s 6 a6@6')
    reader.costs = 0
    reader.waiting = 0
    await clock.advance(SOON)
    expect(reader.heard.at(-1)).toBe('s 11 a11@11')
  })

  test('loses lines above 1 MiB, and is told exactly which offsets', async () => {
    const { feed, clock, reader } = await slow('logs/w', 0)
    feed.publish('logs/w', line(1))
    reader.waiting = 300 * 1024
    for (let from = 2; from <= 101; from++) feed.publish('logs/w', line(from, 16 * 1024))
    expect(feed.size.held).toBeLessThan(100)
    reader.waiting = 0
    await clock.advance(SOON)
    feed.publish('logs/w', line(102))
    expect(reader.heard).toEqual(['s 1 line 1', 's missed 2-101', 's 102 line 102'])
  })

  test('has the 1 MiB together with what its socket holds', async () => {
    const { feed, reader } = await slow('logs/w', 600 * 1024)
    for (let from = 1; from <= 25; from++) feed.publish('logs/w', line(from, 16 * 1024))
    expect(feed.size.held).toBe(25)
    reader.waiting = 700 * 1024
    feed.publish('logs/w', line(26))
    expect(feed.size.held).toBe(0)
  })

  test('loses lines above 1,024 events', async () => {
    const { feed, clock, reader } = await slow('logs/w')
    for (let from = 1; from <= 1024; from++) feed.publish('logs/w', line(from))
    expect(feed.size.held).toBe(1024)
    feed.publish('logs/w', line(1025))
    expect(feed.size.held).toBe(0)
    reader.waiting = 0
    await clock.advance(SOON)
    expect(reader.heard).toEqual(['s missed 1-1025'])
  })

  test('keeps its states while lines can be given up instead', async () => {
    const { feed, clock, reader, subscribe } = await slow('logs/w')
    await subscribe(reader, 'agents', { subscription: 'states' })
    const labels = { big: 'x'.repeat(500_000) }
    feed.publish('agents', { kind: 'agent', agent: agentView('a', { version: 1, labels }) })
    for (let from = 1; from <= 1025; from++) feed.publish('logs/w', line(from))
    reader.waiting = 0
    await clock.advance(SOON)
    expect(reader.heard.sort()).toEqual(['s missed 1-1025', 'states 1 a@1'])
  })

  test('that loses states is told so, and gets all of them again', async () => {
    let now: FeedData[] = []
    const { feed, clock, reader } = await slow('agents', 300 * 1024, async () => now)
    for (let i = 1; i <= 1030; i++) feed.publish('agents', agent(`a${i}`, i))
    now = [agent('a1', 1), agent('a2', 1040)]
    reader.waiting = 0
    await clock.advance(SOON)
    feed.publish('agents', agent('a2', 1041))
    expect(reader.heard).toEqual(['s missed 1-1030', 's 1030 a1@1', 's 1030 a2@1040', 's 1031 a2@1041'])
  })

  test('is told of the offsets that had given way to newer ones, if these are lost too', async () => {
    const { feed, clock, reader } = await slow('agents')
    feed.publish('agents', agent('a', 1))
    feed.publish('agents', agent('b', 2))
    feed.publish('agents', agent('a', 3))
    feed.lose('agents', 'test')
    reader.waiting = 0
    await clock.advance(SOON)
    expect(reader.heard).toEqual(['s missed 1-4'])
  })

  test('is told of an offset once, also when the snapshot is lost on its way or cannot be read', async () => {
    let read = async (): Promise<FeedData[]> => [agent('a', 1), agent('b', 2)]
    const { feed, clock, reader } = await slow('agents', 0, () => read())
    reader.costs = 300 * 1024
    feed.lose('agents', 'the first time')
    await clock.advance(SOON)
    expect(reader.heard).toEqual(['s missed 1-1', 's 1 a@1'])
    // One event of the snapshot waits; it goes, and so does what comes.
    feed.lose('agents', 'the second time')
    read = () => Promise.reject(new Error('the store is away'))
    reader.waiting = reader.costs = 0
    await clock.advance(SOON)
    expect(reader.heard.at(-1)).toBe('s missed 2-2')
    read = async () => [agent('b', 2)]
    await clock.advance(2_000)
    expect(reader.heard.slice(2)).toEqual(['s missed 2-2', 's 2 b@2'])
    expect(clock.pending).toBe(0)
  })

  test('misses nothing that changes while that snapshot is read', async () => {
    let give: (page: FeedData[]) => void = () => {}
    let reads = 0
    const read = () =>
      ++reads === 1
        ? Promise.resolve([])
        : new Promise<FeedData[]>((resolve) => {
            give = resolve
          })
    const { feed, clock, reader } = await slow('agents', 0, read)
    feed.lose('agents', 'test')
    await clock.advance(SOON)
    for (const [id, version] of [
      ['a', 5],
      ['b', 6],
    ] as const)
      feed.publish('agents', agent(id, version))
    give([agent('a', 4), agent('b', 7), agent('c', 1)])
    await clock.advance(SOON)
    expect(reader.heard).toEqual(['s missed 1-1', 's 1 b@7', 's 1 c@1', 's 2 a@5'])
  })

  test('whose snapshot cannot be read is tried again after a while', async () => {
    let reads = 0
    const read = async (): Promise<FeedData[]> => {
      reads++
      if (reads === 2) throw new Error('the store is away')
      return [agent('a', reads)]
    }
    const { feed, clock, reader } = await slow('agents', 0, read)
    feed.lose('agents', 'test')
    await clock.advance(900)
    expect(reads).toBe(2)
    await clock.advance(200)
    expect(reader.heard.at(-1)).toBe('s 1 a@3')
    expect(clock.pending).toBe(0)
  })

  test('harms no other, and never the publisher', async () => {
    const { feed, subscribe } = await slow('agents', 100 * MiB)
    const quick = new Reader()
    await subscribe(quick, 'agents')
    for (let i = 1; i <= 5000; i++) feed.publish('agents', agent(`a${i}`, i))
    expect(quick.heard).toHaveLength(5000)
    expect(feed.size.held).toBeLessThanOrEqual(1024)
  })

  test('that leaves takes what was kept for it along', async () => {
    const { feed, clock, reader } = await slow('logs/w')
    for (let from = 1; from <= 100; from++) feed.publish('logs/w', line(from))
    expect(feed.size.held).toBe(100)
    feed.drop(reader)
    await clock.advance(SOON)
    expect(feed.size).toMatchObject({ held: 0, subscriptions: 0 })
    expect(clock.pending).toBe(0)
    expect(reader.heard).toEqual([])
  })
})

/** A live subscription `s` whose connection has so many bytes waiting. */
async function slow(topic: string, waiting = 300 * 1024, read: () => Promise<FeedData[]> = async () => []) {
  const fixture = new Fixture()
  const reader = new Reader()
  await fixture.feed.subscribe({ subscription: 's', topic }, reader, read)
  await fixture.clock.advance(0)
  reader.waiting = waiting
  return { feed: fixture.feed, clock: fixture.clock, reader, subscribe: fixture.subscribe.bind(fixture) }
}
