import { describe, expect, test } from 'vitest'
import { type BusError, METHODS, type MethodName } from '../../../src/protocol/index.ts'
import { settle } from '../../support/fake-clock.ts'
import type { TestClient } from '../support/client.ts'
import { BEGUN, spec } from '../support/house.ts'
import { type Tenant, town } from './town.ts'

type Ids = { workflow: string; agent: string; lease: string; step: string }

const STEP = { state: 'running', started: 1, finished: null, exitCode: null, error: '' } as const
const topic = (of: string) => (ids: Ids) => ({ subscription: `${of}-${ids.workflow}`, topic: `${of}/${ids.workflow}` })
/** Goes on from where it never was. */
const resumed = (ids: Ids, epoch: string) => ({
  ...topic('workflow')(ids),
  subscription: `again-${ids.workflow}`,
  resume: { epoch, offset: 0 },
})

/** How each method can name what is somebody else's. None: it names nothing, or is an admin's alone. */
const NAMING: Record<MethodName, ((ids: Ids, epoch: string) => object)[]> = {
  whoami: [],
  echo: [],
  version: [],
  register: [],
  unregister: [],
  health: [],
  next: [],
  decline: [({ lease }) => ({ lease, reason: '' })],
  init: [({ lease }) => ({ lease, state: BEGUN })],
  update: [({ lease, step }) => ({ lease, seq: 9, step: { ...STEP, stepId: step } })],
  extend: [({ lease }) => ({ leases: [{ lease, phase: 'running' }] })],
  done: [({ lease }) => ({ lease, state: { ...BEGUN, finished: 2 }, steps: [] })],
  enrol: [],
  submit: [({ workflow }) => ({ workflows: [spec({ dependsOn: [workflow] })], secrets: {} })],
  cancel: [({ workflow }) => ({ ids: [workflow], reason: 'no' })],
  requeue: [({ workflow }) => ({ id: workflow })],
  'agent.set': [({ agent }) => ({ id: agent, schedulable: false }), ({ agent }) => ({ id: agent, drain: true })],
  'agent.remove': [({ agent }) => ({ id: agent })],
  'server.drain': [],
  'queue.pause': [],
  'queue.resume': [],
  'token.create': [],
  'token.list': [],
  'token.rotate': [],
  'token.revoke': [],
  audit: [],
  get: [({ workflow }) => ({ id: workflow })],
  list: [],
  logs: [({ workflow }) => ({ id: workflow }), ({ workflow }) => ({ id: workflow, attempt: 1 })],
  'logs.search': [({ workflow, step }) => ({ id: workflow, stepId: step, text: 'a' })],
  agents: [],
  explain: [({ workflow }) => ({ id: workflow })],
  'queue.info': [],
  subscribe: [topic('workflow'), topic('logs'), resumed],
  unsubscribe: [],
  'login.code': [],
}

/** Answered with a verdict for each, never with an error. */
const TELLS_EACH = new Set([...NAMING.cancel, ...NAMING.extend])

/** What is answered, as it stands on the wire, without the ids that were asked for. */
async function answerOf(client: TestClient, method: MethodName, params: object, ids: Ids): Promise<string> {
  const answer = await client.channel.call(method as 'get', params as { id: string }).then(
    (result: unknown) => ({ result }),
    (error: BusError) => ({ error: error.toBody() }),
  )
  return Object.values(ids).reduce((text, id) => text.replaceAll(id, 'ID'), JSON.stringify(answer))
}

const UNKNOWN: Ids = { workflow: 'w'.repeat(20), agent: 'g'.repeat(20), lease: 'l'.repeat(21), step: 'no-step' }

const idsOf = ({ agentId, running }: Tenant, workflow: string): Ids => ({
  workflow,
  agent: agentId,
  lease: running.lease,
  step: running.workflow.steps[0]?.id ?? '',
})

describe('case 13: two tenants: what one asks of the other', () => {
  test('is answered as if it were not there, by every method, and nothing is written', async () => {
    const { a, b, everything, front } = await town()
    const before = everything()
    const { epoch } = front.house.core.feed
    for (const [method, ways] of Object.entries(NAMING) as [MethodName, (typeof NAMING)[MethodName]][]) {
      for (const [way, params] of ways.entries()) {
        const client = METHODS[method].role === 'agent' ? b.agent : b.operator
        for (const workflow of [a.running.workflowId, a.pending, a.ended]) {
          const ids = idsOf(a, workflow)
          const nobody = { ...UNKNOWN, workflow: `${way}${method}${workflow}`.slice(-20).padEnd(20, 'x').toUpperCase() }
          const foreign = await answerOf(client, method, params(ids, epoch), ids)
          const unknown = await answerOf(client, method, params(nobody, epoch), nobody)
          expect(foreign, `${method} ${way}`).toBe(unknown)
          if (!TELLS_EACH.has(params)) expect(foreign, method).toMatch(/not_found|stale_lease|not known/)
        }
      }
    }
    expect(everything()).toEqual(before)
    await a.operator.call('cancel', { ids: [a.pending, a.running.workflowId], reason: 'own' })
    await settle()
    expect(b.operator.all('event')).toEqual([])
  })

  test('is found by its own tenant, so that the answer means something', async () => {
    const { a } = await town()
    await a.viewer.call('get', { id: a.pending })
    await a.viewer.call('logs', { id: a.ended })
    await a.operator.call('agent.set', { id: a.agentId, schedulable: false })
    const { workflows } = await a.operator.call('cancel', { ids: [a.pending], reason: 'own' })
    expect(workflows).toMatchObject([{ state: 'canceled' }])
  })

  test.each(['queue.pause', 'queue.resume', 'server.drain'] as const)('%s concerns all: forbidden', async (method) => {
    const { b, everything } = await town()
    const before = everything()
    await expect(b.operator.call(method, {})).rejects.toMatchObject({ code: 'forbidden' })
    expect(everything()).toEqual(before)
  })

  test('leaves a line in the audit trail', async () => {
    const { a, b, admin } = await town()
    await expect(b.viewer.call('get', { id: a.pending })).rejects.toMatchObject({ code: 'not_found' })
    await expect(b.operator.call('requeue', { id: a.pending })).rejects.toMatchObject({ code: 'not_found' })
    await settle()
    const { entries } = await admin.call('audit', { action: 'requeue' })
    expect(entries).toMatchObject([{ name: 'operator of b', subjects: [a.pending], outcome: 'not_found' }])
  })
})
