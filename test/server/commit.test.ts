import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/server/store/store.ts'
import { settle } from '../support/fake-clock.ts'
import { BEGUN, openHouse } from './support/house.ts'

/** A store whose updates are written and not yet reported, until they are let go. */
function gated(store: Store): { store: Store; release: () => void } {
  const held: (() => void)[] = []
  const update: Store['update'] = async (...args) => {
    await store.update(...args)
    await new Promise<void>((resolve) => held.push(resolve))
  }
  return { store: { ...store, update }, release: () => held.splice(0).forEach((go) => void go()) }
}

const RUNNING = { stepId: 's1', state: 'running' as const, started: 1, finished: null, exitCode: null, error: '' }

describe('an answer', () => {
  test('comes after the commit and never before', async () => {
    let gate: ReturnType<typeof gated> | undefined
    const house = await openHouse((store) => {
      gate = gated(store)
      return gate.store
    })
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const { lease } = await house.running(agent)
    let answered = false
    const update = agent.call('update', { lease, seq: 1, step: RUNNING }).then(() => {
      answered = true
    })
    await agent.call('health', {})
    await settle()
    expect(answered).toBe(false)
    gate?.release()
    await update
    expect(answered).toBe(true)
  })

  test('of one workflow holds up no other workflow', async () => {
    let gate: ReturnType<typeof gated> | undefined
    const house = await openHouse((store) => {
      gate = gated(store)
      return gate.store
    })
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const slow = await house.running(agent)
    const update = agent.call('update', { lease: slow.lease, seq: 1, step: RUNNING })
    const other = await house.running(agent)
    expect(await house.show(other.workflowId)).toMatchObject({ state: 'running' })
    gate?.release()
    await update
  })
})

describe('frames of one workflow', () => {
  test('take effect in the order of their arrival, without waiting for each other', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const offer = await (async () => {
      const next = agent.call('next', {})
      await house.submit()
      return next
    })()
    const lease = offer?.lease ?? ''
    const state = { started: 1, finished: 2, error: '', canceled: false }
    const ended = { ...RUNNING, state: 'success' as const, finished: 2, exitCode: 0 }
    const all = [
      agent.call('init', { lease, state: BEGUN }),
      agent.call('update', { lease, seq: 1, step: RUNNING }),
      agent.call('update', { lease, seq: 2, step: ended }),
      agent.call('done', { lease, state, steps: [{ ...ended, lines: 0 }] }),
    ]
    await Promise.all(all)
    expect(await house.show(offer?.workflowId ?? '')).toMatchObject({ state: 'success', logs: 'complete' })
  })

  test('under a lease that is not held are refused alike, and write nothing', async () => {
    const house = await openHouse()
    const agent = house.connect(await house.credential('agent'))
    await agent.arrive()
    const thief = house.connect(await house.credential('agent', 'second'))
    await thief.arrive()
    const { lease, workflowId } = await house.running(agent)
    const errors = []
    for (const name of [lease, 'no-such-lease']) {
      for (const call of [
        thief.call('update', { lease: name, seq: 9, step: RUNNING }),
        thief.call('done', { lease: name, state: BEGUN, steps: [] }),
        thief.call('init', { lease: name, state: BEGUN }),
      ]) {
        errors.push(
          await call.then(
            () => 'answered',
            (error: { code: string; message: string }) => error.message,
          ),
        )
      }
    }
    expect(new Set(errors).size).toBe(1)
    const { claims } = await thief.call('extend', { leases: [{ lease, phase: 'running' }] })
    expect(claims).toEqual([{ lease, verdict: 'lost' }])
    expect(await house.show(workflowId)).toMatchObject({ state: 'running', steps: [{ state: 'pending' }] })
  })
})
