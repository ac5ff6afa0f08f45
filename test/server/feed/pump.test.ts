import { describe, expect, test } from 'vitest'
import { silentLog } from '../../../src/protocol/index.ts'
import { FeedPump, snapshotOf } from '../../../src/server/feed/index.ts'
import { settle } from '../../support/fake-clock.ts'
import { Fixture, line, nameOf, Reader } from './builder.ts'
import { FakeStore } from './fake-store.ts'

function fixture() {
  const given = new Fixture()
  const store = new FakeStore()
  const pump = new FeedPump({ feed: given.feed, store, clock: given.clock, log: silentLog })
  return { clock: given.clock, feed: given.feed, subscribe: given.subscribe.bind(given), store, pump }
}

const step = (id: string, version: number) => ({ kind: 'step' as const, id, version })
const changed = (id: string, version: number) =>
  ({ kind: 'workflow', id, version, state: 'pending', lane: null, lease: null }) as const

describe('what commits changed', () => {
  test('is not even read where nobody listens', async () => {
    const { pump, store } = fixture()
    pump.take([
      changed('w', 1),
      step('w', 2),
      { kind: 'agent', id: 'a', version: 3 },
      { kind: 'queue', version: 4, scopes: [] },
    ])
    await settle()
    expect(store.reads).toEqual([])
    expect(pump.behind).toBe(0)
  })

  test('is told in the list and in its own topic', async () => {
    const { pump, store, subscribe } = fixture()
    const reader = new Reader()
    for (const topic of ['workflows', 'workflow/w', 'agents', 'queue'])
      await subscribe(reader, topic, { subscription: topic })
    store.versions.set('w', 5).set('a', 6)
    pump.take([changed('w', 5), { kind: 'agent', id: 'a', version: 6 }, { kind: 'queue', version: 7, scopes: [] }])
    await settle()
    expect(reader.heard.sort()).toEqual(['agents 1 a@6', 'queue 1 queue@7', 'workflow/w 1 w@5', 'workflows 1 w@5'])
  })

  test("of steps only in the workflow's own topic", async () => {
    const { pump, store, subscribe } = fixture()
    const reader = new Reader()
    for (const topic of ['workflows', 'workflow/w']) await subscribe(reader, topic, { subscription: topic })
    store.versions.set('w', 5)
    pump.take([step('w', 5)])
    await settle()
    expect(reader.heard).toEqual(['workflow/w 1 w@5'])
  })

  test('what is gone is told as removed', async () => {
    const { pump, subscribe } = fixture()
    const reader = new Reader()
    for (const topic of ['workflows', 'agents']) await subscribe(reader, topic, { subscription: topic })
    pump.take([changed('w', 9), { kind: 'agent', id: 'a', version: 8, removed: true }])
    await settle()
    expect(reader.heard.sort()).toEqual(['agents 1 a@8 removed', 'workflows 1 w@9 removed'])
  })

  test('lines carry themselves: nothing is read', async () => {
    const { pump, store, subscribe } = fixture()
    const reader = new Reader()
    await subscribe(reader, 'logs/w')
    const data = line(3)
    if (data.kind !== 'log') throw new Error('not a line')
    pump.take([{ kind: 'log', id: 'w', attempt: 1, part: data.part }])
    expect(reader.heard).toEqual(['s 1 line 3'])
    expect(store.reads).toEqual([])
  })

  test('many changes while one is read become one more read', async () => {
    const { pump, store, subscribe } = fixture()
    const reader = new Reader()
    await subscribe(reader, 'workflow/w')
    let open = () => {}
    store.gate = new Promise((resolve) => {
      open = resolve
    })
    store.versions.set('w', 1)
    pump.take([changed('w', 1)])
    for (let version = 2; version <= 100; version++) pump.take([changed('w', version), step('w', version)])
    store.versions.set('w', 100)
    expect(store.reads).toEqual(['w'])
    open()
    await settle()
    expect(store.reads).toEqual(['w', 'w'])
    expect(reader.heard.at(-1)).toBe('s 2 w@100')
  })

  test('a step and then its workflow, read together, are told in the list too', async () => {
    const { pump, store, subscribe } = fixture()
    const reader = new Reader()
    for (const topic of ['workflows', 'workflow/w']) await subscribe(reader, topic, { subscription: topic })
    let open = () => {}
    store.gate = new Promise((resolve) => {
      open = resolve
    })
    store.versions.set('w', 3)
    pump.take([step('w', 1)])
    pump.take([step('w', 2), changed('w', 3)])
    open()
    await settle()
    expect(store.reads).toEqual(['w', 'w'])
    expect(reader.heard.filter((line) => line.startsWith('workflows'))).toEqual(['workflows 1 w@3'])
  })

  test('never more than eight are read at a time', async () => {
    const { pump, store, subscribe } = fixture()
    const reader = new Reader()
    await subscribe(reader, 'workflows')
    let open = () => {}
    store.gate = new Promise((resolve) => {
      open = resolve
    })
    const ids = Array.from({ length: 100 }, (_, at) => `w${at}`)
    for (const id of ids) store.versions.set(id, 1)
    pump.take(ids.map((id) => changed(id, 1)))
    expect(store.reads).toHaveLength(8)
    open()
    for (let i = 0; i < 20; i++) await settle()
    expect(reader.heard).toHaveLength(100)
    expect(pump.behind).toBe(0)
  })

  test('too many at once become a snapshot; a workflow that somebody watches is still read', async () => {
    const { pump, store, clock, subscribe } = fixture()
    const reader = new Reader()
    await subscribe(reader, 'workflows', { subscription: 'all' })
    await subscribe(reader, 'workflow/w1500', { subscription: 'one' })
    store.versions.set('w1500', 1)
    pump.take(Array.from({ length: 3_000 }, (_, at) => changed(`w${at}`, 1)))
    await clock.advance(100)
    expect(store.reads).toEqual(['w1500'])
    expect(reader.heard.sort()).toEqual(['all missed 1-1', 'one 1 w1500@1'])
  })

  test('a read that fails is tried again', async () => {
    const { pump, store, clock, subscribe } = fixture()
    const reader = new Reader()
    await subscribe(reader, 'workflow/w')
    store.fails = 1
    store.versions.set('w', 2)
    pump.take([changed('w', 2)])
    await clock.advance(1_000)
    expect(reader.heard).toEqual(['s 1 w@2'])
    expect([pump.behind, clock.pending]).toEqual([0, 0])
  })

  test('closed: what is under way ends unheard', async () => {
    const { pump, store, clock, subscribe } = fixture()
    const reader = new Reader()
    await subscribe(reader, 'workflow/w')
    store.fails = 1
    pump.take([changed('w', 2)])
    pump.close()
    await clock.advance(5_000)
    expect(reader.heard).toEqual([])
    expect([pump.behind, clock.pending]).toEqual([0, 0])
  })
})

describe('what changed, where many listen', () => {
  test('is told in lots: of what changes often within one, only how it stands then', async () => {
    const { pump, store, subscribe, clock } = fixture()
    const readers = Array.from({ length: 17 }, () => new Reader())
    for (const reader of readers) await subscribe(reader, 'workflows')
    for (let version = 1; version <= 5; version++) {
      store.versions.set('w', version)
      pump.take([changed('w', version)])
    }
    await settle()
    expect(store.reads).toEqual([])
    await clock.advance(50)
    expect(store.reads).toEqual(['w'])
    for (const { heard } of readers) expect(heard).toEqual(['s 1 w@5'])
    expect([pump.behind, clock.pending]).toEqual([0, 0])
  })

  test('is told at once again when they have gone, and never after the end', async () => {
    const { pump, feed, store, subscribe, clock } = fixture()
    const readers = Array.from({ length: 17 }, () => new Reader())
    for (const reader of readers) await subscribe(reader, 'workflows')
    const [stays] = readers
    for (const reader of readers.slice(1)) feed.drop(reader)
    store.versions.set('w', 1)
    pump.take([changed('w', 1)])
    await settle()
    expect(stays?.heard).toEqual(['s 1 w@1'])
    for (const reader of readers.slice(1)) await subscribe(reader, 'workflows')
    pump.take([changed('w', 2)])
    pump.close()
    expect(clock.pending).toBe(0)
  })
})

describe('a snapshot', () => {
  test.each([
    ['workflows', ['w@7'], 'list 50'],
    ['agents', ['one@7'], 'agents 200'],
    ['queue', ['queue@7'], 'queue'],
    ['workflow/w', ['w@3'], 'w'],
    ['logs/w', [], 'w'],
  ])('of %s', async (topic, page, read) => {
    const store = new FakeStore()
    store.versions.set('w', 3)
    expect((await snapshotOf({ store, trend: { points: [] } }, topic)()).map(nameOf)).toEqual(page)
    expect(store.reads).toEqual([read])
  })

  test.each(['workflow/w', 'logs/w'])('of %s that is not there', async (topic) => {
    const shelf = { store: new FakeStore(), trend: { points: [] } }
    await expect(snapshotOf(shelf, topic)()).rejects.toMatchObject({ code: 'not_found' })
  })
})
