import { BusError, type LOGS_STATES } from '../../../protocol/index.ts'
import type { Scope } from '../../scope.ts'
import { unknownWorkflow } from '../../workflow-of.ts'
import type { Tx } from './tx.ts'
import { type Work, workById } from './work.ts'

interface Asked {
  id: string
  /** Default: the latest. */
  attempt?: number
  scope?: Scope
}

interface Read {
  work: Work
  number: number
  /** Undefined: the workflow has not begun yet. */
  attempt: { lease: string; logs: (typeof LOGS_STATES)[number] } | undefined
}

/** The attempt whose lines somebody wants to read. */
export function readAttempt(tx: Tx, { id, attempt: asked, scope }: Asked): Read {
  const work = workById(tx, id, scope)
  if (work === undefined) throw unknownWorkflow(id)
  const number = asked ?? work.attempt
  const attempt = tx.db.get<NonNullable<Read['attempt']>>(
    'SELECT lease, logs FROM attempt WHERE workflow = ? AND number = ? AND accepted IS NOT NULL',
    work.ord,
    number,
  )
  if (attempt === undefined && asked !== undefined) throw new BusError('not_found', `there is no attempt ${asked}`)
  return { work, number, attempt }
}
