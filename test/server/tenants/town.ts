import type { Offer, Role } from '../../../src/protocol/index.ts'
import { Db } from '../../../src/server/store/sqlite/db.ts'
import { tokenHash } from '../../../src/server/tokens.ts'
import { type Front, openFront } from '../http/front.ts'
import { INFO, type TestClient } from '../support/client.ts'
import { BEGUN, spec } from '../support/house.ts'

export interface Tenant {
  name: string
  agent: TestClient
  agentId: string
  operator: TestClient
  viewer: TestClient
  running: Offer
  pending: string
  ended: string
}

async function enter(front: Front, role: Role, tenant: string): Promise<TestClient> {
  const token = `${role} of ${tenant}`
  const ask = { role, name: token, labels: { tenant }, tokenHash: tokenHash(token.replaceAll(' ', '-')) }
  const client = front.house.connect(await front.house.store.createCredential(ask))
  client.hello(role === 'agent' ? { agent: { ...INFO, name: `anvil-${tenant}` } } : {})
  await client.frame('welcome')
  return client
}

async function run(operator: TestClient, agent: TestClient): Promise<Offer> {
  const next = agent.call('next', {})
  await operator.call('submit', { workflows: [spec()], secrets: {} })
  const offer = await next
  if (offer === null) throw new Error('no offer')
  await agent.call('init', { lease: offer.lease, state: BEGUN })
  return offer
}

/** An agent, an operator and a viewer, with a workflow that has ended, one that runs and one that waits for an agent. */
async function settleIn(front: Front, name: string): Promise<Tenant> {
  const [agent, operator, viewer] = [
    await enter(front, 'agent', name),
    await enter(front, 'operator', name),
    await enter(front, 'viewer', name),
  ]
  const ended = await run(operator, agent)
  const step = { stepId: 's1', state: 'success', started: 1, finished: 2, exitCode: 0, error: '', lines: 0 } as const
  const steps = ended.workflow.steps.map(({ id }) => ({ ...step, stepId: id }))
  await agent.call('done', { lease: ended.lease, state: { ...BEGUN, finished: 2 }, steps })
  const running = await run(operator, agent)
  const { workflows } = await operator.call('submit', { workflows: [spec({ labels: { os: 'none' } })], secrets: {} })
  const agentId = (await operator.call('agents', {})).agents[0]?.id ?? ''
  const pending = workflows[0]?.id ?? ''
  return { name, agent, agentId, operator, viewer, running, pending, ended: ended.workflowId }
}

/** Two tenants on one server, and its admin. */
export async function town() {
  const front = await openFront()
  const [a, b] = [await settleIn(front, 'a'), await settleIn(front, 'b')]
  const admin = await front.house.operator()
  return { front, a, b, admin, everything: () => everything(front) }
}

/** Every row there is, but for what is noted of whoever asks: a line in the audit trail, when its token was last used. */
function everything({ house }: Front): string[] {
  const db = new Db(house.file)
  try {
    const tables = db.all<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('audit', 'token', 'meta')",
    )
    return tables.flatMap(({ name }) => db.all(`SELECT * FROM ${name}`).map((row) => `${name} ${JSON.stringify(row)}`))
  } finally {
    db.close()
  }
}
