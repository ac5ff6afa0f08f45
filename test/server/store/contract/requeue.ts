import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Agent } from './agent.ts'
import { codeOf, type OpenStore, World } from './world.ts'

/** Rule 8: back into the queue by hand. */
export function requeue(open: OpenStore): void {
  let world: World
  let agent: Agent
  beforeEach(async () => {
    world = await World.open(open)
    agent = await world.agent()
  })
  afterEach(() => world.close())

  describe('a requeue', () => {
    test('of an ended workflow clears its end and its cancel, and keeps its place', async () => {
      const id = await world.submit()
      const before = (await world.store.loadQueue(0, 10)).rows[0]?.lane
      await world.store.requestCancel([id], 'no more')
      const { workflow, intents } = await world.store.requeue(id)
      expect(workflow).toMatchObject({ state: 'pending', cancel: null, finished: null, error: null, logs: 'open' })
      expect(intents).toEqual([])
      const [row] = (await world.store.loadQueue(0, 10)).rows
      expect(row?.lane).toEqual(before)
    })

    test('goes on counting attempts, and counts losses anew', async () => {
      const id = await world.submit({ maxAttempts: 1 })
      await agent.start(id)
      await agent.connect()
      expect(await world.state(id)).toBe('error')
      await world.store.requeue(id)
      const offer = await world.store.offer(id, agent.by)
      expect(offer?.attempt).toBe(2)
      await agent.accept(offer?.lease ?? '')
      await agent.finish(offer?.lease ?? '')
      expect(await world.get(id)).toMatchObject({ state: 'success', attempt: 2 })
    })

    test('of an unknown one is not found; of one that waits already changes nothing', async () => {
      expect(await codeOf(world.store.requeue('nothing'))).toBe('not_found')
      const id = await world.submit()
      expect((await world.store.requeue(id)).workflow.state).toBe('pending')
    })

    test('of an ended one with secrets is refused: they were erased', async () => {
      const id = await world.submit({ secrets: ['TOKEN'] }, { TOKEN: 'value' })
      await agent.run(id)
      expect(await codeOf(world.store.requeue(id))).toBe('conflict')
    })
  })

  ofRunning(
    () => world,
    () => agent,
  )
}

function ofRunning(home: () => World, its: () => Agent): void {
  describe('a requeue of running work', () => {
    async function requeued(): Promise<{ id: string; lease: string; other: Agent }> {
      const { id, lease } = await home().running(its())
      const other = await home().agent('other')
      const { intents } = await home().store.requeue(id)
      expect(intents).toMatchObject([{ kind: 'revoke', agentId: its().id, workflowId: id, lease, revision: 1 }])
      expect(await home().store.offer(id, other.by)).toBeNull()
      return { id, lease, other }
    }

    test('refuses whatever the old attempt still writes', async () => {
      const { lease } = await requeued()
      expect(await codeOf(its().update(lease, {}))).toBe('stale_lease')
      expect(await codeOf(its().finish(lease))).toBe('stale_lease')
    })

    test('is offered once the old attempt has stopped', async () => {
      const { id, lease, other } = await requeued()
      await home().store.receipt(its().by, lease, 1, 'received')
      expect(await home().store.offer(id, other.by)).toBeNull()
      await home().store.receipt(its().by, lease, 1, 'stopped')
      expect(await home().store.offer(id, other.by)).not.toBeNull()
    })

    test('is offered once its agent came back without the old attempt', async () => {
      const { id, other } = await requeued()
      await its().connect()
      expect(await home().store.offer(id, other.by)).not.toBeNull()
    })

    test('is not offered while its agent still claims the old attempt, and tells it again', async () => {
      const { id, lease, other } = await requeued()
      const answer = await its().hello({ claims: [{ lease, phase: 'running', steps: [] }] })
      expect(answer).toMatchObject({ claims: [{ verdict: 'lost' }], intents: [{ kind: 'revoke', lease }] })
      expect(await home().store.offer(id, other.by)).toBeNull()
    })

    test('is offered once a later boot has replaced the old one', async () => {
      const { id, other } = await requeued()
      await its().connect({ boot: 'second', replaces: ['boot of builder'] })
      expect(await home().store.offer(id, other.by)).not.toBeNull()
    })

    test('is offered 10 s after the last deadline of the old attempt', async () => {
      const { id, other } = await requeued()
      await home().pass(5 * 60_000 + 9_000)
      expect(await home().store.offer(id, other.by)).toBeNull()
      await home().pass(1_000)
      expect(await home().store.offer(id, other.by)).not.toBeNull()
    })
  })
}
