import { expect, test } from 'vitest'
import { Orders } from '../../../src/cli/top/orders.ts'
import { openClient } from '../../../src/client/index.ts'
import { BusError } from '../../../src/protocol/index.ts'
import { connectTo, type Script } from '../../client/scripted-server.ts'
import { workflow } from '../../client/views.ts'
import { waitUntil } from '../../support/wait-until.ts'

const CANCEL = { kind: 'cancel' as const, id: 'w1', name: 'build', reason: undefined }
const asked = { revision: 1, reason: '', requested: new Date(1_000), received: null, stopping: null, stopped: null }
const after = (ms: number) => new Date(1_000 + ms)

async function ordersOf(script: Script) {
  const { port, end } = connectTo(script)
  return { end, orders: new Orders(await openClient(port), () => {}) }
}

const following = (script: Script): Script => ({
  subscribe: () => ({
    epoch: 'e',
    offset: 0,
    page: [{ kind: 'workflow', workflow: workflow({ cancel: asked }) }],
    snapshot: true,
  }),
  ...script,
})

test('nothing is told as done before the server said so', async () => {
  let answer = (_: Record<string, never>) => {}
  const promise = new Promise<Record<string, never>>((resolve) => {
    answer = resolve
  })
  const { orders } = await ordersOf({ 'queue.pause': () => promise })
  const given = orders.give({ kind: 'pause' })
  expect(orders.note).toBe('asking the server to pause the queue')
  orders.tidy()
  expect(orders.note).toBe('asking the server to pause the queue')
  answer({})
  await given
  expect(orders.note).toBe('the server has paused the queue; what runs goes on')
  orders.tidy()
  expect(orders.note).toBeUndefined()
})

test('the receipts of a cancel are told as they come', async () => {
  const { end, orders } = await ordersOf(
    following({ cancel: () => ({ workflows: [{ id: 'w1', state: 'running', already: false }] }) }),
  )
  await orders.give(CANCEL)
  expect(orders.note).toBe('cancel of build: not yet received; not yet stopping; not yet stopped')
  orders.tidy()
  const cancel = { ...asked, received: after(4), stopping: after(5), stopped: after(130) }
  end.event('workflow/w1', { kind: 'workflow', workflow: workflow({ version: 2, cancel }) })
  await waitUntil(() => orders.note?.includes('130'))
  expect(orders.note).toBe('cancel of build: received after 4 ms; stopping after 5 ms; stopped after 130 ms')
})

test('a workflow that had ended before is not told as canceled', async () => {
  const { orders } = await ordersOf({
    cancel: () => ({ workflows: [{ id: 'w1', state: 'success', already: true }] }),
  })
  await orders.give(CANCEL)
  expect(orders.note).toBe('build had ended before: success')
})

test('a viewer is told whose credential it takes', async () => {
  const refuse = () => {
    throw new BusError('forbidden', 'cancel is not for a viewer; it takes the credential of an operator')
  }
  const { orders } = await ordersOf({ cancel: refuse })
  await orders.give(CANCEL)
  expect(orders.note).toBe('cancel is not for a viewer; it takes the credential of an operator')
})
