import type { AttemptEnd, AttemptView } from '../../../protocol/index.ts'
import { dateOf } from './dates.ts'
import type { Tx } from './tx.ts'

/** More than that nobody reads; a workflow that is requeued again and again has more. */
const SHOWN = 20

interface Row {
  number: number
  agent: string
  accepted: number
  closed: number | null
  how: AttemptEnd | null
  reason: string | null
  lines: number
}

/** The latest attempts that were accepted, oldest first. */
export function attemptViews(tx: Tx, workflow: number): AttemptView[] {
  const rows = tx.db.all<Row>(
    `SELECT a.number, g.name AS agent, a.accepted, a.closed, a.how, a.reason,
       (SELECT coalesce(sum(s.upto), 0) FROM step s WHERE s.lease = a.lease) AS lines
     FROM attempt a JOIN agent g ON g.id = a.agent_id
     WHERE a.workflow = ? AND a.accepted IS NOT NULL ORDER BY a.number DESC LIMIT ?`,
    workflow,
    SHOWN,
  )
  return rows.reverse().map(({ number, agent, accepted, closed, how, reason, lines }) => ({
    number,
    agent,
    started: new Date(accepted),
    closed: dateOf(closed),
    how,
    reason,
    lines,
  }))
}
