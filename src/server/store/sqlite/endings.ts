import { type AttemptEnd, LEASE, type WorkflowStateName } from '../../../protocol/index.ts'
import { touchAgent } from './agent-row.ts'
import { type Attempt, changeAttempt } from './attempt.ts'
import { settleDependents } from './dependents.ts'
import { giveUpLogs } from './log-state.ts'
import { eraseSecrets } from './secrets.ts'
import type { Tx } from './tx.ts'
import { changeWork, type Work } from './work.ts'

type Ended = Exclude<WorkflowStateName, 'waiting' | 'pending' | 'offered' | 'running'>

interface Ending {
  error?: string | null
  finished?: number
  /** Dependents are settled by the caller, after all that ends with this one. */
  settleLater?: boolean
  /** Every step has its last state already. */
  stepsEnded?: boolean
}

/** Ends a workflow: its secrets are erased, what waits for it goes on. */
export function endWork(tx: Tx, work: Work, state: Ended, options: Ending = {}): Work {
  const after = changeWork(tx, work, {
    state,
    lease: null,
    finished: options.finished ?? tx.now,
    ended: tx.now,
    error: options.error ?? null,
    not_before: 0,
  })
  eraseSecrets(tx, work.ord)
  if (work.last_lease !== null && options.stepsEnded !== true) settleSteps(tx, work.last_lease, state === 'canceled')
  if (options.settleLater !== true) settleDependents(tx, [after])
  return after
}

/** Steps that were never ended: what ran was stopped with the workflow, the rest did not come to run. */
function settleSteps(tx: Tx, lease: string, canceled: boolean): void {
  tx.db.run(
    `UPDATE step SET version = ?, state = CASE state WHEN 'running' THEN 'canceled' ELSE ? END
     WHERE lease = ? AND state IN ('pending', 'running')`,
    tx.next(),
    canceled ? 'canceled' : 'skipped',
    lease,
  )
}

interface Known {
  /** Default: lines are still to come. */
  logs?: Attempt['logs']
  /** For people. */
  reason?: string
}

/** Closes an attempt in the transaction in which its ownership ends. */
export function closeAttempt(tx: Tx, attempt: Attempt, how: AttemptEnd, known: Known = {}): Attempt {
  const closed = changeAttempt(tx, attempt, {
    state: 'closed',
    how,
    closed: tx.now,
    due: null,
    progress: tx.now,
    // An offer that nobody took up has no lines to wait for.
    logs: attempt.accepted === null ? 'complete' : (known.logs ?? 'open'),
    ...(known.reason !== undefined && { reason: known.reason }),
  })
  touchAgent(tx, attempt.agent_id)
  tx.changes.push({ kind: 'attempt', how, begun: attempt.accepted !== null })
  return closed
}

/**
 * Tells the agent to stop and report nothing, until it has or until its own clock has ended the lease. No line will
 * come any more.
 */
export function revoke(tx: Tx, attempt: Attempt, revision: number, reason: string): Attempt {
  const told = changeAttempt(tx, attempt, { revoke: 1, revision, reason })
  return told.accepted === null ? told : giveUpLogs(tx, told)
}

/**
 * An offer that was not taken up: the workflow is in line again, unless it was offered too often. An agent that had it
 * and would not take it is named; one whose connection died is not to blame.
 */
export function takeBackOffer(tx: Tx, attempt: Attempt, work: Work, how: AttemptEnd): Work {
  closeAttempt(tx, attempt, how)
  if (work.offers >= LEASE.offersMax) {
    return endWork(tx, work, 'error', { error: `no agent took it up: ${work.offers} offers without an answer` })
  }
  const refused = how === 'declined' || how === 'lapsed'
  return changeWork(tx, work, { state: 'pending', lease: null }, refused ? { refusedBy: attempt.agent_id } : {})
}

/**
 * An accepted attempt lost with its agent. A cancelled workflow ends; others are first in line again, until too many
 * were lost. `notBefore`: the old attempt may go on until then.
 */
export function loseAttempt(tx: Tx, attempt: Attempt, work: Work, how: AttemptEnd, why: string, notBefore = 0): Work {
  closeAttempt(tx, attempt, how, { reason: why })
  const losses = work.losses + 1
  if (work.canceled !== null) return endWork(tx, work, 'canceled')
  if (losses >= work.max_attempts) {
    const error = `gave up after ${losses} ${losses === 1 ? 'attempt' : 'attempts'}: ${why}`
    return endWork(tx, changeWork(tx, work, { losses }), 'error', { error })
  }
  return changeWork(tx, work, {
    state: 'pending',
    lease: null,
    losses,
    lost: why,
    started: null,
    not_before: notBefore,
  })
}
