import { describe, expect, test } from 'vitest'
import { settle } from '../support/fake-clock.ts'
import { INFO } from './support/client.ts'
import { BEGUN, openHouse } from './support/house.ts'

describe('next', () => {
  test('goes to whom suits, and only as often as there is work', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const answered: unknown[] = []
    const end = () => {}
    for (let at = 0; at < 2; at++) agent.call('next', {}).then((offer) => answered.push(offer), end)
    await house.submit()
    await house.clock.advance(1_000)
    expect(answered).toHaveLength(1)
  })

  test('is refused beyond the capacity of the agent', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive({ agent: { ...INFO, capacity: 1 } })
    const first = agent.call('next', {})
    await expect(agent.call('next', {})).rejects.toMatchObject({ code: 'busy', retry: 'later' })
    await house.submit()
    expect(await first).not.toBeNull()
  })

  test('aborted answers null, and the work goes to the next that asks', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const controller = new AbortController()
    const aborted = agent.call('next', {}, { signal: controller.signal })
    await agent.call('health', {})
    controller.abort()
    expect(await aborted).toBeNull()
    const id = await house.submit()
    expect(await agent.call('next', {})).toMatchObject({ workflowId: id, attempt: 1 })
  })

  test('whose abort crosses an offer gives the work back', async () => {
    let held: (() => void) | undefined
    const house = await openHouse((store) => ({
      ...store,
      offer: async (...args) => {
        const offer = await store.offer(...args)
        if (held === undefined) await new Promise<void>((resolve) => (held = resolve))
        return offer
      },
    }))
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const other = house.connect(await house.credential('agent', 'second'))
    await other.arrive({ agent: { ...INFO, name: 'bellows' } })
    const controller = new AbortController()
    const aborted = agent.call('next', {}, { signal: controller.signal })
    const id = await house.submit()
    await settle()
    expect(await house.show(id)).toMatchObject({ state: 'offered' })
    controller.abort()
    expect(await aborted).toBeNull()
    const next = other.call('next', {})
    held?.()
    expect(await next).toMatchObject({ workflowId: id })
  })

  test('of a closed socket takes nothing', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    agent.call('next', {}).catch(() => {})
    await agent.call('health', {})
    agent.cut()
    await agent.end()
    const id = await house.submit()
    await house.clock.advance(1_000)
    expect(await house.show(id)).toMatchObject({ state: 'pending' })
  })
})

describe('an offer', () => {
  test('is not made again to the agent that declined it, for 30 s', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const id = await house.submit()
    const offer = await agent.call('next', {})
    await agent.call('decline', { lease: offer?.lease ?? '', reason: 'no disk' })
    let again: unknown
    void agent.call('next', {}).then((answer) => {
      again = answer
    })
    await house.clock.advance(29_000)
    expect(again).toBeUndefined()
    await house.clock.advance(2_000)
    expect(again).toMatchObject({ workflowId: id })
  })

  test('that lapsed goes elsewhere, and its agent gets nothing until it has said something', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const id = await house.submit()
    const lapsed = await agent.call('next', {})
    const waiting = agent.call('next', {})
    await agent.call('health', {})
    await house.clock.advance(10_001)
    await house.sweep()
    const second = await house.submit({ name: 'second' })
    await house.clock.advance(1_000)
    expect(await house.show(second)).toMatchObject({ state: 'pending' })
    const other = house.connect(await house.credential('agent', 'second'))
    await other.arrive({ agent: { ...INFO, name: 'bellows' } })
    expect(await other.call('next', {})).toMatchObject({ workflowId: id })
    await expect(agent.call('init', { lease: lapsed?.lease ?? '', state: BEGUN })).rejects.toMatchObject({
      code: 'stale_lease',
    })
    expect(await waiting).toMatchObject({ workflowId: second })
  })

  test('lapses at once when the socket closes before the init', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const id = await house.submit()
    await agent.call('next', {})
    agent.cut()
    await agent.end()
    await settle()
    expect(await house.show(id)).toMatchObject({ state: 'pending' })
  })

  test('is not made while the queue is paused, and at once when it goes on', async () => {
    const house = await openHouse()
    const operator = await house.operator()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    await operator.call('queue.pause', {})
    const next = agent.call('next', {})
    const id = await house.submit()
    await house.clock.advance(5_000)
    expect(await house.show(id)).toMatchObject({ state: 'pending' })
    await operator.call('queue.resume', {})
    expect(await next).toMatchObject({ workflowId: id })
  })

  test('is not made to an agent that is not schedulable, until it is again', async () => {
    const house = await openHouse()
    const operator = await house.operator()
    const agent = house.connect(await house.credential('agent'))
    const { agent: who } = await agent.arrive()
    const id = who?.id ?? ''
    await operator.call('agent.set', { id, schedulable: false })
    const next = agent.call('next', {})
    const workflowId = await house.submit()
    await house.clock.advance(10_000)
    expect(await house.show(workflowId)).toMatchObject({ state: 'pending' })
    const { reasons } = await operator.call('explain', { id: workflowId })
    expect(reasons).toMatchObject([{ agent: 'anvil', code: 'unschedulable' }])
    await operator.call('agent.set', { id, schedulable: true })
    expect(await next).toMatchObject({ workflowId })
  })

  test('waits for the queue that a restarted server reads', async () => {
    const house = await openHouse()
    const id = await house.submit()
    await house.core.dispatcher.start()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    expect(await agent.call('next', {})).toMatchObject({ workflowId: id })
  })
})
