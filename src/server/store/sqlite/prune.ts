import type { Labels, WorkflowStateName } from '../../../protocol/index.ts'
import { dropUnused, forgetAgent } from './agents.ts'
import type { Tx } from './tx.ts'

/** Of each kind in one transaction: about a megabyte of lines, so that no write waits long behind it. */
const WORKFLOWS = 20
const CHUNKS = 64
const AGENTS = 50
const NAMES = 200
const DEEDS = 500
const PAGES = 256
/** Free pages that the file keeps for what comes next: a part of it, and 4 MiB at least. */
const FREE_PART = 1 / 8
const FREE_LEAST = 1024

interface Ended {
  ord: number
  id: string
  name: string
  state: WorkflowStateName
  labels: string
}

/**
 * Removes a piece of what is older than it is kept, and gives the file's free end back to the disk. Answers whether
 * there is more.
 */
export function prune(tx: Tx): { more: boolean } {
  const pieces = [pruneEnded(tx), pruneLines(tx), pruneAgents(tx), pruneNames(tx), pruneAudit(tx), shrink(tx)]
  return { more: pieces.includes(true) }
}

/** Not while lines of it may still come, or an attempt of it be told to stop. What waits for it knows its outcome. */
function pruneEnded(tx: Tx): boolean {
  const { keepMs, expireLateMs } = tx.timings
  if (keepMs === Number.POSITIVE_INFINITY) return false
  const ended = tx.db.all<Ended>(
    `SELECT w.ord, w.id, w.name, w.state, w.labels FROM workflow w WHERE w.ended <= ?1 AND NOT EXISTS (
       SELECT 1 FROM attempt a WHERE a.workflow = w.ord AND (a.state <> 'closed' OR a.logs = 'open'
         OR (a.revoke = 1 AND a.deadline > ?2)))
     ORDER BY w.ended LIMIT ?3`,
    tx.now - keepMs,
    tx.now - expireLateMs,
    WORKFLOWS,
  )
  for (const work of ended) remove(tx, work)
  return ended.length === WORKFLOWS
}

/** All at once for whoever reads, but for the lines, which nobody finds any more. */
function remove(tx: Tx, { ord, id, name, state, labels }: Ended): void {
  const agents = tx.db.all<{ id: string }>('SELECT DISTINCT agent_id AS id FROM attempt WHERE workflow = ?', ord)
  tx.db.run('INSERT INTO dropped SELECT lease FROM attempt WHERE workflow = ? AND accepted IS NOT NULL', ord)
  tx.db.run('DELETE FROM step WHERE lease IN (SELECT lease FROM attempt WHERE workflow = ?)', ord)
  tx.db.run('DELETE FROM attempt WHERE workflow = ?', ord)
  tx.db.run('DELETE FROM dependency WHERE child = ?', ord)
  tx.db.run('DELETE FROM spec WHERE workflow = ?', ord)
  const carried = JSON.parse(labels) as Labels
  for (const [key, value] of Object.entries(carried)) {
    tx.db.run('DELETE FROM label WHERE key = ? AND value = ? AND workflow = ?', key, value, ord)
  }
  tx.db.run('DELETE FROM workflow WHERE ord = ?', ord)
  tx.db.run('INSERT INTO gone (id, name, state, labels, since) VALUES (?, ?, ?, ?, ?)', id, name, state, labels, tx.now)
  for (const agent of agents) dropUnused(tx, agent.id)
  tx.changes.push({ kind: 'workflow', id, version: tx.next(), state, lane: null, lease: null, was: carried })
}

function pruneLines(tx: Tx): boolean {
  const dropped = tx.db.get<{ lease: string }>('SELECT lease FROM dropped LIMIT 1')
  if (dropped === undefined) return false
  const { lease } = dropped
  const deleted = tx.db.run(
    'DELETE FROM log WHERE ord IN (SELECT ord FROM log WHERE lease = ? ORDER BY ord LIMIT ?)',
    lease,
    CHUNKS,
  )
  if (deleted < CHUNKS) tx.db.run('DELETE FROM dropped WHERE lease = ?', lease)
  return true
}

/** Those that will not come back as themselves, and hold nothing. */
function pruneAgents(tx: Tx): boolean {
  const agents = tx.db.all<{ id: string }>(
    `SELECT g.id FROM agent g WHERE g.removed IS NULL AND g.durable = 0 AND g.online = 0 AND g.away <= ?
       AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.agent_id = g.id AND a.state <> 'closed')
     ORDER BY g.away LIMIT ?`,
    tx.now - tx.timings.awayAgentMs,
    AGENTS,
  )
  for (const { id } of agents) forgetAgent(tx, id)
  return agents.length === AGENTS
}

/** What was deleted is known by its outcome as long again as it was kept. */
function pruneNames(tx: Tx): boolean {
  const { keepMs } = tx.timings
  if (keepMs === Number.POSITIVE_INFINITY) return false
  const most = tx.now - keepMs
  return tx.db.run('DELETE FROM gone WHERE id IN (SELECT id FROM gone WHERE since <= ? LIMIT ?)', most, NAMES) === NAMES
}

function pruneAudit(tx: Tx): boolean {
  const { auditKeepMs } = tx.timings
  if (auditKeepMs === Number.POSITIVE_INFINITY) return false
  const most = tx.now - auditKeepMs
  const old = 'SELECT ord FROM audit WHERE at <= ? ORDER BY at LIMIT ?'
  return tx.db.run(`DELETE FROM audit WHERE ord IN (${old})`, most, DEEDS) === DEEDS
}

/** Pages are moved from the end of the file into its gaps, a few at a time. */
function shrink(tx: Tx): boolean {
  const free = pragma(tx, 'freelist_count') - Math.max(FREE_LEAST, pragma(tx, 'page_count') * FREE_PART)
  if (free < PAGES || pragma(tx, 'auto_vacuum') === 0) return false
  tx.db.exec(`PRAGMA incremental_vacuum(${PAGES})`)
  return true
}

function pragma(tx: Tx, name: 'freelist_count' | 'page_count' | 'auto_vacuum'): number {
  return tx.db.get<Record<string, number>>(`PRAGMA ${name}`)?.[name] ?? 0
}
