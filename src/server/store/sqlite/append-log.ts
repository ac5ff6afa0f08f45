import { BusError, type LogPart, trimLines } from '../../../protocol/index.ts'
import type { By, LogAppend } from '../store.ts'
import { type Attempt, changeAttempt, ownedAttempt, stale } from './attempt.ts'
import { settleLogs } from './log-state.ts'
import { toStored } from './text.ts'
import type { Tx } from './tx.ts'

/** The usual frame follows what is stored: one statement checks all and moves `upto`. */
const FOLLOW = `UPDATE step SET upto = ?1, version = ?2 WHERE lease = ?3 AND step_id = ?4 AND upto = ?5 AND EXISTS (
    SELECT 1 FROM attempt a JOIN agent g ON g.id = a.agent_id
    WHERE a.lease = ?3 AND a.state = 'running' AND a.agent_id = ?6 AND g.connection = ?7 AND g.removed IS NULL)
  RETURNING (SELECT w.id FROM attempt a JOIN workflow w ON w.ord = a.workflow WHERE a.lease = ?3) AS id,
    (SELECT a.number FROM attempt a WHERE a.lease = ?3) AS number`

interface Followed {
  id: string
  number: number
}

/** Rule 10: what follows is stored, what is stored is dropped or trimmed, a hole is answered. */
export function appendLog(tx: Tx, by: By, append: LogAppend): { upto: number; hole: boolean } {
  const { lease, stepId, from, to } = append
  if (to < from) throw new BusError('bad_request', 'a log ends before it begins')
  if (append.lines !== null) {
    const row = tx.db.returning<Followed>(FOLLOW, to, tx.next(), lease, stepId, from - 1, by.agentId, by.connection)
    if (row !== undefined) {
      insert(tx, append, row)
      return { upto: to, hole: false }
    }
  }
  return appendSlowly(tx, by, append)
}

/** Gaps, lines of a closed attempt, and whatever does not simply follow. */
function appendSlowly(tx: Tx, by: By, append: LogAppend): { upto: number; hole: boolean } {
  const { lease, stepId, from, to } = append
  const attempt = ownedAttempt(tx, by, lease)
  const step = tx.db.get<{ upto: number }>('SELECT upto FROM step WHERE lease = ? AND step_id = ?', lease, stepId)
  if (step === undefined) throw stale()
  const { upto } = step
  if (to <= upto) return { upto, hole: false }
  if (attempt.logs !== 'open') throw stale()
  if (from > upto + 1) return { upto, hole: true }
  tx.db.run('UPDATE step SET upto = ?, version = ? WHERE lease = ? AND step_id = ?', to, tx.next(), lease, stepId)
  insert(tx, trim(append, upto), owner(tx, attempt))
  const noted = append.lines === null ? changeAttempt(tx, attempt, { gaps: attempt.gaps + 1 }) : attempt
  if (noted.state === 'closed') settleLogs(tx, changeAttempt(tx, noted, { progress: tx.now }))
  return { upto: to, hole: false }
}

function owner(tx: Tx, attempt: Attempt): Followed {
  const row = tx.db.get<{ id: string }>('SELECT id FROM workflow WHERE ord = ?', attempt.workflow)
  if (row === undefined) throw stale()
  return { id: row.id, number: attempt.number }
}

function trim(append: LogAppend, upto: number): LogAppend {
  const dropped = upto - append.from + 1
  if (dropped <= 0) return append
  const lines = append.lines === null ? null : trimLines(append.lines.text, append.lines.runs, dropped)
  return { ...append, from: upto + 1, lines }
}

function insert(tx: Tx, append: LogAppend, { id, number }: Followed): void {
  const { lease, stepId, from, to, lines, reason } = append
  tx.db.run(
    'INSERT INTO log (ord, lease, step_id, first, last, text, runs, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    tx.next(),
    lease,
    stepId,
    from,
    to,
    lines === null ? null : toStored(lines.text),
    lines === null ? null : JSON.stringify(lines.runs),
    lines === null ? (reason ?? '') : null,
  )
  const place = { lease, stepId, from, to }
  const part: LogPart =
    lines === null
      ? { kind: 'gap', ...place, reason: reason ?? '' }
      : { kind: 'lines', ...place, text: lines.text, runs: [...lines.runs] }
  tx.changes.push({ kind: 'log', id, attempt: number, part })
}
