import type { StepState } from '../../../protocol/index.ts'
import type { By } from '../store.ts'
import { ownedAttempt, stale } from './attempt.ts'
import type { Tx } from './tx.ts'

/** One statement does it all: lease, agent, connection, state, step and `seq` are checked where the row is written. */
const UPDATE = `UPDATE step SET seq = ?1, state = ?2, started = ?3, finished = ?4, exit_code = ?5, error = ?6, version = ?7,
    ended = CASE WHEN ?2 IN ('pending', 'running') THEN NULL ELSE coalesce(ended, ?12) END
  WHERE lease = ?8 AND step_id = ?9 AND seq < ?1 AND EXISTS (
    SELECT 1 FROM attempt a JOIN agent g ON g.id = a.agent_id
    WHERE a.lease = ?8 AND a.state = 'running' AND a.agent_id = ?10 AND g.connection = ?11 AND g.removed IS NULL)
  RETURNING (SELECT w.id FROM attempt a JOIN workflow w ON w.ord = a.workflow WHERE a.lease = ?8) AS id`

/** A step started or ended. One at or below the stored `seq` succeeds and changes nothing. */
export function update(tx: Tx, by: By, lease: string, seq: number, step: StepState): void {
  const { stepId, state, started, finished, exitCode, error } = step
  const version = tx.next()
  const row = tx.db.returning<{ id: string }>(
    UPDATE,
    seq,
    state,
    started,
    finished,
    exitCode,
    error,
    version,
    lease,
    stepId,
    by.agentId,
    by.connection,
    tx.now,
  )
  if (row !== undefined) tx.changes.push({ kind: 'step', id: row.id, version })
  else refuseUnlessKnown(tx, by, lease, stepId)
}

function refuseUnlessKnown(tx: Tx, by: By, lease: string, stepId: string): void {
  const attempt = ownedAttempt(tx, by, lease)
  const step = tx.db.get('SELECT 1 FROM step WHERE lease = ? AND step_id = ?', lease, stepId)
  if (attempt.state !== 'running' || step === undefined) throw stale()
}
