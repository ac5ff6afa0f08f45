import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type OpenStore, World } from './world.ts'

/** What a workflow shows of its attempts, its steps' order and its terms. */
export function attempts(open: OpenStore): void {
  let world: World
  beforeEach(async () => {
    world = await World.open(open)
  })
  afterEach(() => world.close())

  const shown = async (id: string) => (await world.get(id)).attempts

  describe('the attempts of a workflow', () => {
    test('are none before one was accepted, then the one that runs', async () => {
      const agent = await world.agent()
      const id = await world.submit()
      const lease = await agent.offered(id)
      expect(await shown(id)).toEqual([])
      const started = new Date(world.clock.now())
      await agent.accept(lease)
      await agent.log(lease, 's1', 1, ['a', 'b'])
      await agent.log(lease, 's2', 1, ['c'])
      const runs = { number: 1, agent: 'builder', started, closed: null, how: null, reason: null, lines: 3 }
      expect(await shown(id)).toEqual([runs])
      world.clock.jump(2_000)
      await agent.finish(lease)
      expect(await shown(id)).toEqual([{ ...runs, closed: new Date(world.clock.now()), how: 'done' }])
    })

    test('tell of each earlier one how it ended and why, oldest first', async () => {
      const agent = await world.agent()
      const { id, lease } = await world.running(agent)
      await agent.claim(lease, 'interrupted')
      await agent.start(id)
      await world.store.requeue(id)
      await agent.connect()
      const other = await world.agent('other')
      await world.pass(6 * 60_000)
      await other.start(id)
      await world.store.removeAgent(other.id)
      expect((await shown(id)).map(({ number, agent, how, reason }) => ({ number, agent, how, reason }))).toEqual([
        { number: 1, agent: 'builder', how: 'interrupted', reason: 'its agent was interrupted' },
        { number: 2, agent: 'builder', how: 'requeued', reason: 'requeued' },
        { number: 3, agent: 'other', how: 'removed', reason: 'its agent was removed' },
      ])
    })

    test('leave out an offer that nobody took up', async () => {
      const agent = await world.agent()
      const id = await world.submit()
      await world.store.decline(agent.by, await agent.offered(id), 'no')
      await agent.start(id)
      expect((await shown(id)).map(({ number }) => number)).toEqual([1])
    })

    test('are the latest twenty of many', async () => {
      const agent = await world.agent()
      const id = await world.submit()
      for (let number = 1; number <= 22; number++) {
        const lease = await agent.start(id)
        await agent.finish(lease)
        await world.store.requeue(id)
      }
      const numbers = (await shown(id)).map(({ number }) => number)
      expect([numbers.length, numbers[0], numbers.at(-1)]).toEqual([20, 3, 22])
    })
  })

  describe('a step', () => {
    const order = async (id: string) => (await world.get(id)).steps.map(({ name, dependsOn }) => [name, dependsOn])

    test('starts after the one before it where none says otherwise', async () => {
      const id = await world.submit()
      const inOrder = [
        ['build', []],
        ['test', ['s1']],
      ]
      expect(await order(id)).toEqual(inOrder)
      const agent = await world.agent()
      await agent.start(id)
      expect(await order(id)).toEqual(inOrder)
    })

    test('of a graph starts after those it names alone', async () => {
      const steps = [
        { id: 'a', name: 'a', commands: [] },
        { id: 'b', name: 'b', commands: [] },
        { id: 'c', name: 'c', commands: [], dependsOn: ['a', 'b'] },
      ]
      const id = await world.submit({ steps })
      expect(await order(id)).toEqual([
        ['a', []],
        ['b', []],
        ['c', ['a', 'b']],
      ])
    })

    test('says whether it is detached and whether its failure is ignored', async () => {
      const steps = [
        { id: 'a', name: 'a', commands: [], detach: true },
        { id: 'b', name: 'b', commands: [], failure: 'ignore' as const },
        { id: 'c', name: 'c', commands: [] },
      ]
      const id = await world.submit({ steps })
      const told = (await world.get(id)).steps.map(({ detach, ignoresFailure }) => [detach, ignoresFailure])
      expect(told).toEqual([
        [true, true],
        [false, true],
        [false, false],
      ])
    })
  })

  test('the terms of a workflow are those it was submitted with', async () => {
    const terms = {
      timeoutMs: 120_000,
      graceMs: 5_000,
      onOutage: 'continue' as const,
      maxAttempts: 7,
      runsOn: ['failure' as const],
      concurrency: { group: 'deploy', limit: 2 },
    }
    expect((await world.get(await world.submit(terms))).terms).toEqual(terms)
    expect((await world.get(await world.submit())).terms.concurrency).toBeNull()
  })
}
