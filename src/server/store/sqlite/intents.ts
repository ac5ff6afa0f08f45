import type { By, Intent } from '../store.ts'
import { type Attempt, attemptByLease, attemptsWhere, changeAttempt, OPEN, ownedAttempt, stale } from './attempt.ts'
import type { Tx } from './tx.ts'
import { changeWork, type Work, workByOrd } from './work.ts'

export function cancelIntent(attempt: Attempt, work: Work): Intent {
  return intent('cancel', attempt, work, work.revision, work.cancel_reason ?? '')
}

export function revokeIntent(attempt: Attempt, work: Work): Intent {
  return intent('revoke', attempt, work, attempt.revision, attempt.reason ?? '')
}

function intent(kind: Intent['kind'], attempt: Attempt, work: Work, revision: number, reason: string): Intent {
  const { lease, agent_id: agentId } = attempt
  return { kind, agentId, workflowId: work.id, lease, revision, reason, graceMs: work.grace_ms }
}

/** Whether the attempt's agent is to be told of a cancel. */
export function isCancelOpen(work: Work, lease: string): boolean {
  return work.canceled !== null && work.received === null && work.lease === lease
}

/** What is still wanted of an agent: cancels that were not receipted, revokes whose work may still run. */
export function openIntents(tx: Tx, agentId: string): Intent[] {
  const running = attemptsWhere(tx, `${OPEN} AND a.agent_id = ? AND a.state = 'running'`, 10_000, agentId)
  const revoked = attemptsWhere(
    tx,
    'a.agent_id = ? AND a.revoke = 1 AND a.deadline > ?',
    10_000,
    agentId,
    tx.now - tx.timings.expireLateMs,
  )
  const cancels = running.flatMap((attempt) => {
    const work = workByOrd(tx, attempt.workflow)
    return isCancelOpen(work, attempt.lease) ? [cancelIntent(attempt, work)] : []
  })
  return [...cancels, ...revoked.map((attempt) => revokeIntent(attempt, workByOrd(tx, attempt.workflow)))]
}

/** How far an agent got with a cancel or a revoke. A lower revision than the one in force changes nothing. */
export function receipt(
  tx: Tx,
  by: By,
  lease: string,
  revision: number,
  phase: 'received' | 'stopping' | 'stopped',
): void {
  const attempt = ownedAttempt(tx, by, lease)
  if (attempt.revoke === 1 && phase === 'stopped' && revision >= attempt.revision) releaseHold(tx, attempt)
  const work = workByOrd(tx, attempt.workflow)
  // Also of one that was ended without its agent: that it has stopped since is news.
  const told = (work.lease ?? work.last_lease) === lease
  if (!told || work.canceled === null || revision !== work.revision) return
  const times = {
    received: work.received ?? tx.now,
    stopping: work.stopping ?? (phase === 'received' ? null : tx.now),
    stopped: work.stopped ?? (phase === 'stopped' ? tx.now : null),
  }
  const same = times.received === work.received && times.stopping === work.stopping && times.stopped === work.stopped
  if (!same) changeWork(tx, work, times)
}

/** The old attempt of a requeued workflow has stopped: the next need not wait for its last deadline. */
export function releaseHold(tx: Tx, attempt: Attempt): void {
  changeAttempt(tx, attempt, { revoke: 0 })
  const work = workByOrd(tx, attempt.workflow)
  if (work.state === 'pending' && work.not_before > tx.now && !isHeld(tx, work)) changeWork(tx, work, { not_before: 0 })
}

/** Whether some revoked attempt of the workflow may still run. */
function isHeld(tx: Tx, work: Work): boolean {
  return holdOf(tx, work) > 0
}

/** The time until which a revoked attempt of the workflow may still run; 0 if none does. */
export function holdOf(tx: Tx, work: Work): number {
  const row = tx.db.get<{ until: number | null }>(
    'SELECT max(deadline) AS until FROM attempt WHERE workflow = ? AND revoke = 1 AND accepted IS NOT NULL',
    work.ord,
  )
  const until = row?.until ?? null
  return until !== null && until + tx.timings.expireLateMs > tx.now ? until + tx.timings.expireLateMs : 0
}

/** The attempt that holds a workflow. */
export function openAttempt(tx: Tx, work: Work): Attempt {
  const attempt = work.lease === null ? undefined : attemptByLease(tx, work.lease)
  if (attempt === undefined) throw stale()
  return attempt
}
