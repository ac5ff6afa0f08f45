import { type AgentView, BusError, type Labels, type ResultOf } from '../../../protocol/index.ts'
import type { Intent } from '../store.ts'
import { type AgentRow, agentById, changeAgent } from './agent-row.ts'
import { type Attempt, attemptsWhere } from './attempt.ts'
import { loseAttempt, revoke, takeBackOffer } from './endings.ts'
import { revokeIntent } from './intents.ts'
import type { Tx } from './tx.ts'
import { dateOf } from './views.ts'
import { workByOrd } from './work.ts'

interface Row extends AgentRow {
  running: number
}

const VIEWS = `SELECT g.id, g.version, g.name, g.online, g.schedulable, g.draining, g.leaving, g.labels, g.capacity,
    g.platform, g.backend, g.software, g.connected, g.seen,
    (SELECT count(*) FROM attempt a WHERE a.agent_id = g.id AND a.state <> 'closed') AS running
  FROM agent g WHERE g.removed IS NULL`

function viewOf(row: Row): AgentView {
  const leaves = row.draining === 1 || row.leaving === 1
  return {
    id: row.id,
    version: row.version,
    name: row.name,
    state: row.online === 0 ? 'offline' : leaves ? 'draining' : 'online',
    schedulable: row.schedulable === 1,
    labels: JSON.parse(row.labels) as Labels,
    capacity: row.capacity,
    running: row.running,
    platform: row.platform,
    backend: row.backend,
    software: row.software,
    connected: dateOf(row.connected),
    lastSeen: dateOf(row.seen),
  }
}

export function getAgent(tx: Tx, id: string): AgentView | null {
  const row = tx.db.get<Row>(`${VIEWS} AND g.id = ?`, id)
  return row === undefined ? null : viewOf(row)
}

/** By name. The cursor is the id of the last one, also when that has been removed since. */
export function listAgents(tx: Tx, page: { limit: number; before?: string }): ResultOf<'agents'> {
  const last = page.before === undefined ? undefined : placeOf(tx, page.before)
  const rows = tx.db.all<Row>(
    `${VIEWS} AND (g.name, g.id) > (?, ?) ORDER BY g.name, g.id LIMIT ?`,
    last?.name ?? '',
    last?.id ?? '',
    page.limit + 1,
  )
  const shown = rows.slice(0, page.limit)
  return { agents: shown.map(viewOf), next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null }
}

function placeOf(tx: Tx, id: string): { name: string; id: string } {
  const row = tx.db.get<{ name: string; id: string }>('SELECT name, id FROM agent WHERE id = ?', id)
  if (row === undefined) throw new BusError('bad_request', 'this is no cursor of the agents')
  return row
}

export function setAgent(tx: Tx, id: string, set: { schedulable?: boolean; drain?: boolean }): void {
  if (agentById(tx, id) === undefined) throw new BusError('not_found', 'no such agent')
  changeAgent(tx, id, {
    ...(set.schedulable !== undefined && { schedulable: set.schedulable ? 1 : 0 }),
    ...(set.drain !== undefined && { draining: set.drain ? 1 : 0 }),
  })
}

/** Forgets an agent: what it runs is revoked and goes back to the queue, which waits until it may have stopped. */
export function removeAgent(tx: Tx, id: string): Intent[] {
  if (agentById(tx, id) === undefined) throw new BusError('not_found', 'no such agent')
  const intents = attemptsWhere(tx, "a.agent_id = ? AND a.state <> 'closed'", 10_000, id).map((attempt) =>
    takeAway(tx, attempt),
  )
  const version = tx.next()
  tx.db.run('UPDATE agent SET removed = ?, online = 0, version = ? WHERE id = ?', tx.now, version, id)
  tx.memory.counts.touch()
  tx.changes.push({ kind: 'agent', id, version, removed: true })
  return intents
}

function takeAway(tx: Tx, attempt: Attempt): Intent {
  const work = workByOrd(tx, attempt.workflow)
  const reason = 'its agent was removed'
  const until = attempt.deadline + tx.timings.expireLateMs
  if (attempt.state === 'offered') takeBackOffer(tx, attempt, work, 'removed')
  else loseAttempt(tx, attempt, work, 'removed', reason, until)
  return revokeIntent(revoke(tx, { ...attempt, state: 'closed', logs: 'open' }, work.revision, reason), work)
}
