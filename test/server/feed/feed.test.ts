import { describe, expect, test } from 'vitest'
import { BusError, type FeedData } from '../../../src/protocol/index.ts'
import { Feed } from '../../../src/server/feed/index.ts'
import { agent, Fixture, nameOf, Reader, workflow } from './builder.ts'

describe('a subscription', () => {
  test('answers a snapshot, then tells what changes', async () => {
    const { feed, clock, ...rest } = fixture()
    const reader = new Reader()
    const answer = await rest.subscribe(reader, 'workflows', { page: [workflow('a', 1)] })
    expect(answer).toEqual({ epoch: feed.epoch, offset: 0, page: ['a@1'], snapshot: true })
    feed.publish('workflows', workflow('a', 2))
    feed.publish('agents', agent('other', 1))
    feed.publish('workflows', { kind: 'removed', id: 'a', version: 3 })
    expect(reader.heard).toEqual(['s 1 a@2', 's 2 a@3 removed'])
  })

  test('misses nothing that changes while its snapshot is read', async () => {
    const { feed, clock } = fixture()
    const reader = new Reader()
    let give: (page: FeedData[]) => void = () => {}
    const page = new Promise<FeedData[]>((resolve) => {
      give = resolve
    })
    const subscribed = feed.subscribe({ subscription: 's', topic: 'workflows' }, reader, () => page)
    feed.publish('workflows', workflow('a', 2))
    feed.publish('workflows', workflow('b', 3))
    feed.publish('workflows', workflow('a', 4))
    expect(reader.heard).toEqual([])
    give([workflow('a', 2)])
    const answer = await subscribed
    expect([answer.offset, answer.page.map(nameOf)]).toEqual([0, ['a@2']])
    expect(reader.heard).toEqual([])
    feed.publish('workflows', workflow('c', 5))
    await clock.advance(0)
    expect(reader.heard).toEqual(['s 2 b@3', 's 3 a@4', 's 4 c@5'])
  })

  test('two opened in one tick both go live', async () => {
    const { feed, clock } = fixture()
    const reader = new Reader()
    const read = async () => []
    await Promise.all(
      ['one', 'two'].map((subscription) => feed.subscribe({ subscription, topic: 'agents' }, reader, read)),
    )
    feed.publish('agents', agent('a', 1))
    await clock.advance(0)
    expect(reader.heard).toEqual(['one 1 a@1', 'two 1 a@1'])
  })

  test('is not there if its snapshot cannot be read', async () => {
    const { feed } = fixture()
    const failing = feed.subscribe({ subscription: 's', topic: 'queue' }, new Reader(), () =>
      Promise.reject(new Error('x')),
    )
    await expect(failing).rejects.toThrow('x')
    expect(feed.size.subscriptions).toBe(0)
  })

  test.each(['nonsense', 'workflow/', 'logs', 'workflows/x', 'workflow/a b', ''])('to %j is refused', async (topic) => {
    const refused = fixture().feed.subscribe({ subscription: 's', topic }, new Reader(), async () => [])
    await expect(refused).rejects.toMatchObject({ code: 'bad_request' })
  })

  test('has a name that was not used before on its connection', async () => {
    const { feed, subscribe } = fixture()
    const reader = new Reader()
    await subscribe(reader, 'agents')
    feed.unsubscribe(reader, 's')
    await expect(subscribe(reader, 'queue')).rejects.toMatchObject({ code: 'bad_request' })
    await expect(subscribe(new Reader(), 'queue')).resolves.toMatchObject({ snapshot: true })
  })

  test('that is ended while it opens is answered with canceled', async () => {
    const { feed } = fixture()
    const reader = new Reader()
    const subscribed = feed.subscribe({ subscription: 's', topic: 'agents' }, reader, async () => [])
    feed.unsubscribe(reader, 's')
    await expect(subscribed).rejects.toMatchObject({ code: 'canceled' })
    feed.unsubscribe(reader, 'never there')
    expect(feed.size.subscriptions).toBe(0)
  })

  test('a connection that throws is dropped, and harms nobody', async () => {
    const { feed, subscribe } = fixture()
    const [bad, good] = [new Reader(), new Reader()]
    bad.event = () => {
      throw new Error('closed')
    }
    for (const reader of [bad, good]) await subscribe(reader, 'agents')
    feed.publish('agents', agent('a', 1))
    feed.publish('agents', agent('a', 2))
    expect(good.heard).toEqual(['s 1 a@1', 's 2 a@2'])
    expect(feed.size).toMatchObject({ connections: 1, subscriptions: 1 })
  })
})

describe('one that comes back', () => {
  test('gets what it missed, of each entity the latest', async () => {
    const { feed, subscribe } = fixture()
    const reader = new Reader()
    await subscribe(reader, 'workflows')
    feed.publish('workflows', workflow('a', 1))
    feed.drop(reader)
    for (const version of [2, 3]) feed.publish('workflows', workflow('b', version))
    feed.publish('workflows', workflow('c', 4))
    const answer = await subscribe(new Reader(), 'workflows', { resume: { epoch: feed.epoch, offset: 1 } })
    expect(answer).toEqual({ epoch: feed.epoch, offset: 4, page: ['b@3', 'c@4'], snapshot: false })
  })

  test('from another process gets a snapshot', async () => {
    const { feed, subscribe, clock } = fixture()
    const before = new Feed({ clock })
    await subscribe(new Reader(), 'workflows')
    expect(before.epoch).not.toBe(feed.epoch)
    const resume = { epoch: before.epoch, offset: 0 }
    const answer = await subscribe(new Reader(), 'workflows', { resume, page: [workflow('a', 1)] })
    expect(answer).toMatchObject({ snapshot: true, page: ['a@1'] })
  })

  test('with an offset that never was gets a snapshot', async () => {
    const { feed, subscribe } = fixture()
    await subscribe(new Reader(), 'workflows')
    const answer = await subscribe(new Reader(), 'workflows', { resume: { epoch: feed.epoch, offset: 9 } })
    expect(answer.snapshot).toBe(true)
  })

  test.each([
    [299, false],
    [300, true],
  ])('after %i events more than the one it knows: snapshot %s', async (more, snapshot) => {
    const { feed, subscribe } = fixture()
    await subscribe(new Reader(), 'agents')
    for (let i = 1; i <= 1 + more; i++) feed.publish('agents', agent(`a${i}`, i))
    // The first is what it knows; the history holds 300.
    const answer = await subscribe(new Reader(), 'agents', { resume: { epoch: feed.epoch, offset: 0 } })
    expect(answer.snapshot).toBe(snapshot)
    const later = await subscribe(new Reader(), 'agents', { resume: { epoch: feed.epoch, offset: 1 } })
    expect(later).toMatchObject({ snapshot: false })
    expect(later.page).toHaveLength(more)
  })

  test.each([
    [300_000, false],
    [300_001, true],
  ])('after %i ms: snapshot %s', async (ms, snapshot) => {
    const { feed, clock, subscribe } = fixture()
    await subscribe(new Reader(), 'agents')
    feed.publish('agents', agent('a', 1))
    await clock.advance(ms)
    const answer = await subscribe(new Reader(), 'agents', { resume: { epoch: feed.epoch, offset: 0 } })
    expect(answer.snapshot).toBe(snapshot)
  })

  test('to more than fits a message gets a snapshot', async () => {
    const { feed, subscribe } = fixture()
    await subscribe(new Reader(), 'workflows')
    const labels = { big: 'x'.repeat(2_000) }
    for (let i = 1; i <= 100; i++) feed.publish('workflows', workflow(`w${i}`, i, { labels }))
    const answer = await subscribe(new Reader(), 'workflows', { resume: { epoch: feed.epoch, offset: 0 } })
    expect(answer.snapshot).toBe(true)
  })

  test('to what could not be told gets a snapshot', async () => {
    const { feed, subscribe } = fixture()
    await subscribe(new Reader(), 'agents')
    feed.publish('agents', agent('a', 1))
    feed.lose('agents', 'test')
    const answer = await subscribe(new Reader(), 'agents', { resume: { epoch: feed.epoch, offset: 1 } })
    expect(answer).toMatchObject({ snapshot: true, offset: 2 })
  })

  test('in time keeps the topic as long as it listens', async () => {
    const { feed, clock, subscribe } = fixture()
    const first = new Reader()
    await subscribe(first, 'agents')
    feed.drop(first)
    await clock.advance(200_000)
    const second = new Reader()
    await subscribe(second, 'agents')
    await clock.advance(200_000)
    feed.publish('agents', agent('a', 1))
    expect(second.heard).toEqual(['s 1 a@1'])
  })

  test('after its topic was forgotten gets a snapshot, and offsets never go back', async () => {
    const { feed, clock, subscribe } = fixture()
    const reader = new Reader()
    await subscribe(reader, 'agents')
    for (const version of [1, 2, 3]) feed.publish('agents', agent('a', version))
    feed.drop(reader)
    await clock.advance(300_001)
    expect(feed.size.topics).toBe(0)
    const told = await subscribe(new Reader(), 'agents', { resume: { epoch: feed.epoch, offset: 3 } })
    // Also to whoever had heard all that the topic told: what happened while it was forgotten, nobody was told.
    expect(told).toMatchObject({ snapshot: true, offset: 4 })
  })

  test('to one workflow that is not there, or not any more, is refused though nothing was missed', async () => {
    const { feed } = fixture()
    const gone = new BusError('not_found', 'there is no workflow w')
    const refused = feed.subscribe(
      { subscription: 's', topic: 'workflow/w', resume: { epoch: feed.epoch, offset: 0 } },
      new Reader(),
      () => Promise.reject(gone),
    )
    await expect(refused).rejects.toBe(gone)
    expect(feed.size.subscriptions).toBe(0)
  })

  test('to lines reads them from the store: there is no replay', async () => {
    const { feed, subscribe } = fixture()
    const reader = new Reader()
    await subscribe(reader, 'logs/w')
    const answer = await subscribe(new Reader(), 'logs/w', { resume: { epoch: feed.epoch, offset: 0 } })
    expect(answer).toMatchObject({ snapshot: true, page: [] })
  })
})

test('everything settles to zero', async () => {
  const { feed, clock, subscribe } = fixture()
  const readers = [new Reader(), new Reader()]
  for (const reader of readers) {
    for (const topic of ['workflows', 'workflow/a', 'agents', 'queue', 'logs/a']) {
      await subscribe(reader, topic, { subscription: topic })
    }
  }
  expect(feed.size).toMatchObject({ topics: 5, connections: 2, subscriptions: 10 })
  feed.unsubscribe(readers[0] ?? new Reader(), 'logs/a')
  for (const reader of readers) feed.drop(reader)
  expect(feed.wants('logs/a')).toBe(false)
  expect(feed.wants('workflows')).toBe(true)
  await clock.advance(300_001)
  expect(feed.wants('workflows')).toBe(false)
  expect(feed.size).toEqual({ topics: 0, connections: 0, subscriptions: 0, held: 0 })
  expect(clock.pending).toBe(0)
})

function fixture() {
  const fixture = new Fixture()
  const subscribe = fixture.subscribe.bind(fixture)
  return { clock: fixture.clock, feed: fixture.feed, subscribe }
}
