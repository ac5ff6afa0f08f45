import { describe, expect, test } from 'vitest'
import { openClient, untilEnded } from '../../src/client/index.ts'
import { BusError, type FeedData, type WorkflowDetail } from '../../src/protocol/index.ts'
import { settle } from '../support/fake-clock.ts'
import { connectTo, type Script } from './scripted-server.ts'
import { workflow } from './views.ts'

const said = (changes: Partial<WorkflowDetail>): FeedData => ({ kind: 'workflow', workflow: workflow(changes) })

/** A client whose workflow `w1` is as given. */
async function clientOf(changes: Partial<WorkflowDetail>, script: Script = {}) {
  const page = [said(changes)]
  const { port, end } = connectTo({ subscribe: () => ({ epoch: 'e', offset: 0, page, snapshot: true }), ...script })
  return { client: await openClient(port), end }
}

describe('waiting for the end of a workflow', () => {
  test('answers its last state, and listens no longer', async () => {
    const { client, end } = await clientOf({ state: 'running', version: 1 })
    const waiting = untilEnded(client, 'w1')
    await settle()
    end.event('workflow/w1', said({ state: 'running', version: 2 }))
    end.event('workflow/w1', said({ state: 'failure', version: 3, error: 'no compiler' }))
    expect(await waiting).toMatchObject({ state: 'failure', error: 'no compiler', steps: [{ id: 's1' }] })
    await settle()
    expect(end.subscriptions.size).toBe(0)
  })

  test('answers at once if it had ended before', async () => {
    const { client, end } = await clientOf({ state: 'canceled' })
    expect((await untilEnded(client, 'w1')).state).toBe('canceled')
    await settle()
    expect(end.subscriptions.size).toBe(0)
  })

  test('rejects when there is none, or when it is removed', async () => {
    const none = { subscribe: () => Promise.reject(new BusError('not_found', 'no workflow w1')) }
    const { client: lonely } = await clientOf({}, none)
    await expect(untilEnded(lonely, 'w1')).rejects.toMatchObject({ code: 'not_found' })
    const { client, end } = await clientOf({})
    const refused = expect(untilEnded(client, 'w1')).rejects.toMatchObject({ code: 'not_found' })
    await settle()
    end.event('workflow/w1', { kind: 'removed', id: 'w1', version: 9 })
    await refused
  })

  test('rejects when the connection is gone for good', async () => {
    const { client, end } = await clientOf({})
    const refused = expect(untilEnded(client, 'w1')).rejects.toMatchObject({ code: 'unavailable' })
    await settle()
    end.port.cut()
    await refused
  })

  test.each(['before', 'while it registers', 'later'])('may be given up %s, and listens no longer', async (when) => {
    const { client, end } = await clientOf({})
    const stop = new AbortController()
    if (when === 'before') stop.abort()
    const refused = expect(untilEnded(client, 'w1', { signal: stop.signal })).rejects.toMatchObject({
      code: 'canceled',
    })
    if (when === 'later') await settle()
    stop.abort()
    await refused
    await settle()
    expect(end.subscriptions.size).toBe(0)
  })
})
