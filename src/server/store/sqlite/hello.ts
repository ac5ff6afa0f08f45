import { type AgentInfo, type Labels, newId } from '../../../protocol/index.ts'
import type { By, HelloAnswer, HelloAsk } from '../store.ts'
import { type AgentRow, agentByIdentity, agentOf, changeAgent, infoColumns } from './agent-row.ts'
import { attemptsWhere, OPEN } from './attempt.ts'
import { settleClaims } from './claims.ts'
import { takeBackOffer } from './endings.ts'
import { openIntents } from './intents.ts'
import { hasToken } from './tokens.ts'
import type { Tx } from './tx.ts'
import { workByOrd } from './work.ts'

/** Rules 2 and 7: admits a connection of an agent and numbers it, or says why not. */
export function hello(tx: Tx, ask: HelloAsk): HelloAnswer {
  const { name } = ask.agent
  const over = howOver(tx, ask.credentialId)
  if (over !== undefined) return { admitted: false, why: over }
  const agent = agentByIdentity(tx, ask.credentialId, name)
  const refusal = agent === undefined ? undefined : refuse(tx, agent, ask)
  if (refusal !== undefined) return refusal
  const connection = (agent?.connection ?? 0) + 1
  const agentId = agent === undefined ? addAgent(tx, ask) : agent.id
  changeAgent(tx, agentId, {
    ...infoColumns(ask.agent, forcedLabels(tx, ask.credentialId)),
    connection,
    boot: ask.boot,
    dial: ask.dial,
    online: 1,
    leaving: 0,
    connected: tx.now,
    address: ask.address ?? null,
    round_trip: null,
    seen: tx.now,
    conflict: null,
    keepalive: ask.keepaliveMs ?? null,
  })
  const replaces = ask.replaces.filter((boot) => boot !== ask.boot)
  for (const boot of replaces) tx.db.run('INSERT OR IGNORE INTO replaced VALUES (?, ?)', agentId, boot)
  const claims = settleClaims(tx, { agentId, connection, boot: ask.boot, replaces, claims: ask.claims })
  return { admitted: true, agentId, name, connection, claims, intents: openIntents(tx, agentId) }
}

/** It was good when the socket was let in. */
function howOver(tx: Tx, credentialId: string): 'revoked' | 'expired' | undefined {
  const row = tx.db.get<{ revoked: number | null }>('SELECT revoked FROM credential WHERE id = ?', credentialId)
  if (row === undefined) return undefined
  if (row.revoked !== null) return 'revoked'
  return hasToken(tx, credentialId) ? undefined : 'expired'
}

function refuse(tx: Tx, agent: AgentRow, ask: HelloAsk): HelloAnswer | undefined {
  const replaced = tx.db.get('SELECT 1 FROM replaced WHERE agent_id = ? AND boot = ?', agent.id, ask.boot)
  if (replaced !== undefined) return { admitted: false, why: 'replaced' }
  if (agent.boot === ask.boot) return ask.dial <= agent.dial ? { admitted: false, why: 'old_dial' } : undefined
  const over = agent.online === 0 || ask.admitOver === agent.boot || ask.replaces.includes(agent.boot)
  return over ? undefined : { admitted: false, why: 'other_boot', agentId: agent.id, boot: agent.boot }
}

function addAgent(tx: Tx, ask: HelloAsk): string {
  const id = newId()
  tx.db.run(
    `INSERT INTO agent (id, credential_id, name, version, connection, boot, dial, online, labels, capacity, platform,
       backend, software) VALUES (?, ?, ?, 0, 0, ?, 0, 0, '{}', 1, '', '', '')`,
    id,
    ask.credentialId,
    ask.agent.name,
    ask.boot,
  )
  return id
}

function forcedLabels(tx: Tx, credentialId: string): Labels {
  const row = tx.db.get<{ labels: string }>('SELECT labels FROM credential WHERE id = ?', credentialId)
  return row === undefined ? {} : (JSON.parse(row.labels) as Labels)
}

/** Its offers lapse at once; what it runs goes on. Of any but the newest connection it changes nothing. */
export function disconnected(tx: Tx, by: By): void {
  const agent = tx.db.get<{ online: number }>(
    'SELECT online FROM agent WHERE id = ? AND connection = ? AND removed IS NULL',
    by.agentId,
    by.connection,
  )
  if (agent === undefined) return
  for (const attempt of attemptsWhere(tx, `${OPEN} AND a.agent_id = ? AND a.state = 'offered'`, 10_000, by.agentId)) {
    takeBackOffer(tx, attempt, workByOrd(tx, attempt.workflow), 'withdrawn')
  }
  if (agent.online === 1) changeAgent(tx, by.agentId, { online: 0, seen: tx.now })
}

export function register(tx: Tx, by: By, info: AgentInfo): void {
  const agent = agentOf(tx, by)
  changeAgent(tx, agent.id, { ...infoColumns(info, forcedLabels(tx, agent.credential_id)), leaving: 0, seen: tx.now })
}

/** It is offered nothing more until it registers again or comes back. */
export function unregister(tx: Tx, by: By): void {
  changeAgent(tx, agentOf(tx, by).id, { leaving: 1, seen: tx.now })
}

/** Notes the contact; not a change that anybody follows, so the version stays. */
export function health(tx: Tx, by: By): void {
  tx.db.run('UPDATE agent SET seen = ? WHERE id = ?', tx.now, agentOf(tx, by).id)
}

/** Told seldom, and a change that people follow. */
export function noteRoundTrip(tx: Tx, by: By, ms: number): void {
  changeAgent(tx, agentOf(tx, by).id, { round_trip: ms, seen: tx.now })
}
