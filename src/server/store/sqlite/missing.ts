import type { MissingLines } from '../../../protocol/index.ts'
import { attemptByLease } from './attempt.ts'
import { stepsOf } from './steps.ts'
import type { Tx } from './tx.ts'

/** Lines of an attempt that will not come: its gaps, and what it never sent, once nothing more is waited for. */
export function missingLines(tx: Tx, lease: string, incomplete: boolean): MissingLines[] {
  const gaps = tx.db
    .all<{ step_id: string; first: number; last: number; reason: string }>(
      'SELECT step_id, first, last, reason FROM log WHERE lease = ? AND text IS NULL ORDER BY ord LIMIT 1000',
      lease,
    )
    .map((row) => ({ stepId: row.step_id, from: row.first, to: row.last, reason: row.reason }))
  return incomplete ? [...gaps, ...tails(tx, lease)] : gaps
}

function tails(tx: Tx, lease: string): MissingLines[] {
  const cut = attemptByLease(tx, lease)?.cut === 1
  return stepsOf(tx, lease).flatMap((step): MissingLines[] => {
    const from = step.upto + 1
    if (step.expected === null || cut) {
      // It may have written nothing more: nobody is left to say.
      const reason = `its agent was ${cut ? 'killed' : 'lost'} before it said how many lines there are`
      return step.started === null && step.upto === 0 ? [] : [{ stepId: step.step_id, from, to: null, reason }]
    }
    const to = step.expected
    return to < from ? [] : [{ stepId: step.step_id, from, to, reason: 'its agent never sent them' }]
  })
}
