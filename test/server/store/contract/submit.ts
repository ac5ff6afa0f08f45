import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { WorkflowSpec } from '../../../../src/protocol/index.ts'
import type { Key } from './types.ts'
import { codeOf, type OpenStore, refusal, specOf, World } from './world.ts'

const step = { name: 'build', commands: ['make'] }
const REFUSED: [name: string, spec: Partial<WorkflowSpec>, says: string][] = [
  ['a grace over a third of the lease', { leaseMs: 60_000, graceMs: 20_001 }, 'grace'],
  ['a lease under 30 s', { leaseMs: 29_999, graceMs: 0 }, 'lease'],
  [
    'two steps with one id',
    {
      steps: [
        { id: 'a', ...step },
        { id: 'a', ...step, name: 'test' },
      ],
    },
    'same id',
  ],
  [
    'two steps with one name',
    {
      steps: [
        { id: 'a', ...step },
        { id: 'b', ...step },
      ],
    },
    'same name',
  ],
  ['a step after an unknown one', { steps: [{ id: 'a', ...step, dependsOn: ['b'] }] }, 'not there'],
  ['a step after itself', { steps: [{ id: 'a', ...step, dependsOn: ['a'] }] }, 'itself'],
  ['a secret without a value', { secrets: ['TOKEN'] }, 'TOKEN'],
]

/** What may be submitted, secrets, and rule 3's keys. */
export function submit(open: OpenStore): void {
  let world: World
  beforeEach(async () => {
    world = await World.open(open)
  })
  afterEach(() => world.close())

  describe('a submission', () => {
    test.each(REFUSED)('with %s is refused', async (_, spec, says) => {
      const error = await refusal(world.submit(spec))
      expect([error.code, error.message]).toEqual(['bad_request', expect.stringContaining(says)])
      expect((await world.store.list({ limit: 10 })).workflows).toEqual([])
    })

    test('answers ids and names, and is pending', async () => {
      const specs = ['a', 'b'].map((name) => ({ id: `id-${name}`, spec: specOf({ name, labels: { os: 'linux' } }) }))
      expect(await world.store.submit(specs, {})).toEqual({
        workflows: [
          { id: 'id-a', name: 'a' },
          { id: 'id-b', name: 'b' },
        ],
      })
      expect(await world.get('id-a')).toMatchObject({
        name: 'a',
        state: 'pending',
        attempt: 0,
        agent: null,
        labels: { os: 'linux' },
        steps: [{ state: 'pending' }, { state: 'pending' }],
      })
    })

    test('tells the queue what it needs, with an order that rises', async () => {
      await world.submit({ priority: 5, concurrency: { group: 'g', limit: 2 }, labels: { os: 'linux' } })
      await world.submit()
      const lanes = world.changes.flatMap((change) => (change.kind === 'workflow' ? [change.lane] : []))
      expect(lanes[0]).toMatchObject({ labels: { os: 'linux' }, group: 'g', limit: 2, priority: 5, notBefore: 0 })
      expect(lanes[1]?.order).toBeGreaterThan(lanes[0]?.order ?? 0)
    })
  })

  describe('secrets', () => {
    test.each(['done', 'cancel', 'error'])('are erased when the workflow ends by %s', async (how) => {
      const agent = await world.agent()
      const id = await world.submit({ secrets: ['TOKEN'], maxAttempts: 1 }, { TOKEN: 'value' })
      const lease = await agent.start(id)
      if (how === 'done') await agent.finish(lease)
      else if (how === 'error') await agent.connect()
      else {
        await world.store.requestCancel([id], 'no more')
        await agent.finish(lease, {})
      }
      expect(await codeOf(world.store.requeue(id))).toBe('conflict')
    })

    test('survive a lost attempt and reach the next', async () => {
      const agent = await world.agent()
      const id = await world.submit({ secrets: ['TOKEN'] }, { TOKEN: 'value' })
      await agent.start(id)
      await agent.connect()
      expect((await agent.accept(await agent.offered(id))).secrets).toEqual({ TOKEN: 'value' })
    })
  })

  keys(() => world)
}

function keys(home: () => World): void {
  const key = (method: string, over: Partial<Key> = {}): Key => ({
    credentialId: 'c1',
    method,
    key: 'k1',
    paramsHash: 'h1',
    ...over,
  })
  const submitted = (id: string, over: Partial<Key> = {}) =>
    home().store.submit([{ id, spec: specOf({ name: 'a' }) }], {}, key('submit', over))

  describe('a key', () => {
    test('makes the repeat answer what was answered, with one effect', async () => {
      const first = await submitted('a')
      expect(await submitted('b')).toEqual(first)
      expect((await home().store.list({ limit: 10 })).workflows).toHaveLength(1)
    })

    test('used with other parameters is refused', async () => {
      await submitted('a')
      expect(await codeOf(submitted('b', { paramsHash: 'h2' }))).toBe('conflict')
    })

    test('is its credential’s and its method’s own', async () => {
      await submitted('a')
      await submitted('b', { credentialId: 'c2' })
      await home().store.requestCancel(['a'], 'no more', key('cancel'))
      expect(await home().states('a', 'b')).toEqual(['canceled', 'pending'])
    })

    test('of a refused call is free', async () => {
      const bad = home().store.submit([{ id: 'a', spec: specOf({ name: 'a', dependsOn: ['x'] }) }], {}, key('submit'))
      expect(await codeOf(bad)).toBe('bad_request')
      await submitted('a')
      expect(await home().state('a')).toBe('pending')
    })

    test('makes a repeated cancel and a repeated requeue have one effect', async () => {
      const id = await home().submit()
      const first = await home().store.requestCancel([id], 'no more', key('cancel'))
      expect(await home().store.requestCancel([id], 'no more', key('cancel'))).toEqual(first)
      await home().store.requeue(id, key('requeue'))
      await home().store.requestCancel([id], 'again')
      expect((await home().store.requeue(id, key('requeue'))).workflow.state).toBe('canceled')
    })

    test('is forgotten after a day', async () => {
      await submitted('a')
      await home().clock.advance(24 * 3_600_000 + 1)
      await home().store.sweep()
      await submitted('b', { paramsHash: 'h2' })
      expect(await home().state('b')).toBe('pending')
    })

    test('holds over a restart', async () => {
      const first = await submitted('a')
      await home().reopen()
      expect(await submitted('b')).toEqual(first)
    })
  })
}
