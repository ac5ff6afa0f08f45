import { type AgentView, type AttemptEnd, BusError, type Labels, type ResultOf } from '../../../protocol/index.ts'
import { EVERYTHING, type Scope } from '../../scope.ts'
import type { AgentTotals, Intent } from '../store.ts'
import { type AgentRow, agentById, agentLabels, changeAgent } from './agent-row.ts'
import { type Attempt, attemptsOf, attemptsWhere, OPEN } from './attempt.ts'
import { agentCarrying } from './carrying.ts'
import { dateOf } from './dates.ts'
import { loseAttempt, revoke, takeBackOffer } from './endings.ts'
import { revokeIntent } from './intents.ts'
import type { Tx } from './tx.ts'
import { workByOrd } from './work.ts'

interface Row extends AgentRow {
  running: number
}

const VIEWS = `SELECT g.id, g.version, g.name, g.online, g.schedulable, g.draining, g.leaving, g.labels, g.capacity,
    g.platform, g.backend, g.software, g.connection, g.connected, g.address, g.round_trip, g.seen, g.keepalive, g.conflict,
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
    drainedBy: row.draining === 1 ? 'operator' : row.leaving === 1 ? 'agent' : null,
    labels: JSON.parse(row.labels) as Labels,
    capacity: row.capacity,
    running: row.running,
    platform: row.platform,
    backend: row.backend,
    software: row.software,
    connected: dateOf(row.connected),
    address: row.address,
    roundTripMs: row.online === 0 ? null : row.round_trip,
    connections: row.connection,
    lastSeen: dateOf(row.seen),
    keepaliveMs: row.keepalive,
    conflict: dateOf(row.conflict),
  }
}

export function getAgent(tx: Tx, id: string): AgentView | null {
  const row = tx.db.get<Row>(`${VIEWS} AND g.id = ?`, id)
  return row === undefined ? null : viewOf(row)
}

export function agentTotals(tx: Tx): AgentTotals {
  const row = tx.db.get<AgentTotals>(
    `SELECT coalesce(sum(online = 1 AND draining = 0 AND leaving = 0), 0) AS online,
       coalesce(sum(online = 1 AND (draining = 1 OR leaving = 1)), 0) AS draining,
       coalesce(sum(online = 0), 0) AS offline,
       coalesce(sum(capacity) FILTER (WHERE online = 1), 0) AS capacity,
       (SELECT count(*) FROM attempt a JOIN agent h ON h.id = a.agent_id WHERE a.state <> 'closed' AND h.online = 1) AS busy
     FROM agent WHERE removed IS NULL`,
  )
  if (row === undefined) throw new Error('a sum has a row')
  const { online, draining, offline, capacity, busy } = row
  return { online, draining, offline, capacity, busy }
}

/** By name. The cursor is the place of the last one, which may have been forgotten since. */
export function listAgents(tx: Tx, page: { limit: number; before?: string; scope?: Scope }): ResultOf<'agents'> {
  const place = page.before === undefined ? { id: '', name: '' } : placeOf(page.before)
  const { sql, values } = agentCarrying(page.scope ?? EVERYTHING)
  const rows = tx.db.all<Row>(
    `${VIEWS} AND (g.name, g.id) > (?, ?)${sql} ORDER BY g.name, g.id LIMIT ?`,
    place.name,
    place.id,
    ...values,
    page.limit + 1,
  )
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  const next = rows.length > page.limit && last !== undefined ? `${last.id} ${last.name}` : null
  return { agents: shown.map(viewOf), next }
}

function placeOf(cursor: string): { name: string; id: string } {
  const end = cursor.indexOf(' ')
  if (end < 0) throw new BusError('bad_request', 'this is no cursor of the agents')
  return { id: cursor.slice(0, end), name: cursor.slice(end + 1) }
}

/** Another process of its name and credential was turned away: people must see why it does not come up. */
export function noteConflict(tx: Tx, id: string): void {
  if (agentById(tx, id) !== undefined) changeAgent(tx, id, { conflict: tx.now })
}

export function setAgent(
  tx: Tx,
  id: string,
  set: { schedulable?: boolean; drain?: boolean },
  scope = EVERYTHING,
): void {
  if (agentById(tx, id, scope) === undefined) throw new BusError('not_found', 'no such agent')
  changeAgent(tx, id, {
    ...(set.schedulable !== undefined && { schedulable: set.schedulable ? 1 : 0 }),
    ...(set.drain !== undefined && { draining: set.drain ? 1 : 0 }),
  })
}

export function agentHolds(tx: Tx, id: string): boolean {
  return attemptsOf(tx, id).length > 0
}

/** Forgets an agent: what it runs is revoked and goes back to the queue, which waits until it may have stopped. */
export function removeAgent(tx: Tx, id: string, scope = EVERYTHING): Intent[] {
  if (agentById(tx, id, scope) === undefined) throw new BusError('not_found', 'no such agent')
  const intents = takeAwayAll(tx, id, 'removed', 'its agent was removed')
  forgetAgent(tx, id)
  return intents
}

/** An agent that holds nothing is not known any more; its name is kept with the attempts it had. */
export function forgetAgent(tx: Tx, id: string): void {
  const version = tx.next()
  const labels = agentLabels(tx, id)
  tx.db.run('UPDATE agent SET removed = ?, online = 0, version = ? WHERE id = ?', tx.now, version, id)
  tx.memory.counts.touch(labels)
  tx.changes.push({ kind: 'agent', id, version, removed: true, was: JSON.parse(labels) as Labels })
  dropUnused(tx, id)
}

/** The row of a forgotten agent goes with the last attempt that names it. */
export function dropUnused(tx: Tx, id: string): void {
  const unused = tx.db.get(
    `SELECT 1 FROM agent g WHERE g.id = ? AND g.removed IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.agent_id = g.id)`,
    id,
  )
  if (unused === undefined) return
  tx.db.run('DELETE FROM replaced WHERE agent_id = ?', id)
  tx.db.run('DELETE FROM agent WHERE id = ?', id)
}

/**
 * The agents of a credential that has ended: their work is taken away, and the number of their connection is raised, so
 * that nothing they have sent is written any more. Answers their ids.
 */
export function shutOut(tx: Tx, credentialId: string, why: string): string[] {
  const agents = tx.db.all<{ id: string; connection: number }>(
    'SELECT id, connection FROM agent WHERE credential_id = ? AND removed IS NULL',
    credentialId,
  )
  for (const { id, connection } of agents) {
    takeAwayAll(tx, id, 'revoked', why)
    changeAgent(tx, id, { online: 0, connection: connection + 1 })
  }
  return agents.map(({ id }) => id)
}

function takeAwayAll(tx: Tx, agentId: string, how: AttemptEnd, reason: string): Intent[] {
  const open = attemptsWhere(tx, `${OPEN} AND a.agent_id = ?`, 10_000, agentId)
  return open.map((attempt) => takeAway(tx, attempt, how, reason))
}

function takeAway(tx: Tx, attempt: Attempt, how: AttemptEnd, reason: string): Intent {
  const work = workByOrd(tx, attempt.workflow)
  const until = attempt.deadline + tx.timings.expireLateMs
  if (attempt.state === 'offered') takeBackOffer(tx, attempt, work, how)
  else loseAttempt(tx, attempt, work, how, reason, until)
  return revokeIntent(revoke(tx, { ...attempt, state: 'closed', logs: 'open' }, work.revision, reason), work)
}
