import { type Attempt, changeAttempt } from './attempt.ts'
import type { Tx } from './tx.ts'
import { changeWork, workByOrd } from './work.ts'

/** No more lines will come: the log says what is missing. */
export function giveUpLogs(tx: Tx, attempt: Attempt): Attempt {
  return attempt.logs === 'open' ? setLogs(tx, attempt, 'incomplete') : attempt
}

/** Of a closed attempt: once each step's lines are there, its log is complete, or incomplete if there were gaps or its end is unknown. */
export function settleLogs(tx: Tx, attempt: Attempt): Attempt {
  if (attempt.logs !== 'open') return attempt
  const open = tx.db.get(
    'SELECT 1 FROM step WHERE lease = ? AND (expected IS NULL OR upto < expected) LIMIT 1',
    attempt.lease,
  )
  return open === undefined
    ? setLogs(tx, attempt, attempt.gaps > 0 || attempt.cut === 1 ? 'incomplete' : 'complete')
    : attempt
}

function setLogs(tx: Tx, attempt: Attempt, logs: 'complete' | 'incomplete'): Attempt {
  const after = changeAttempt(tx, attempt, { logs })
  const work = workByOrd(tx, attempt.workflow)
  if (work.last_lease === attempt.lease) changeWork(tx, work, {})
  return after
}
