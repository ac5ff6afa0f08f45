import type { SweepAnswer } from '../store.ts'
import { type Attempt, attemptsWhere, OPEN } from './attempt.ts'
import { closeAttempt, endWork, loseAttempt, revoke, takeBackOffer } from './endings.ts'
import { revokeIntent } from './intents.ts'
import { forgetKeys } from './keys.ts'
import { giveUpLogs } from './log-state.ts'
import { forgetSecrets } from './login-secrets.ts'
import { expireLogins } from './logins.ts'
import { endTokens } from './rotation.ts'
import type { Tx } from './tx.ts'
import { changeWork, workByOrd } from './work.ts'

/** Of each kind in one sweep; the rest comes with the next. */
const BATCH = 500

/** Looks after the deadlines. A server that was away first gives every lease its whole time again. */
export function sweep(tx: Tx): SweepAnswer {
  const answer: SweepAnswer = { intents: [], lapsed: [], wasAway: markAlive(tx) }
  lapseOffers(tx, answer)
  expire(tx, answer)
  revokeOverdue(tx, answer)
  for (const attempt of attemptsWhere(
    tx,
    "a.state = 'closed' AND a.logs = 'open' AND a.progress <= ?",
    BATCH,
    tx.now - tx.timings.logsIdleMs,
  )) {
    giveUpLogs(tx, attempt)
  }
  forgetKeys(tx)
  expireLogins(tx)
  forgetSecrets(tx)
  endTokens(tx)
  return answer
}

/** Rule 6. Answers whether nobody had been there to sweep, and then raises every deadline. */
function markAlive(tx: Tx): boolean {
  const alive = tx.db.get<{ value: number }>("SELECT value FROM meta WHERE key = 'alive'")?.value ?? 0
  const wasAway = alive > 0 && tx.now - alive > tx.timings.awayMs
  if (tx.now - alive >= tx.timings.aliveMs || tx.now < alive) {
    tx.db.run("UPDATE meta SET value = ? WHERE key = 'alive'", tx.now)
  }
  if (wasAway) raiseDeadlines(tx, tx.now - alive)
  return wasAway
}

function raiseDeadlines(tx: Tx, away: number): void {
  tx.db.run(`UPDATE attempt SET deadline = max(deadline, ? + ttl_ms) WHERE state = 'running'`, tx.now)
  tx.db.run(
    `UPDATE attempt AS a SET deadline = max(deadline, ?) WHERE ${OPEN} AND state = 'offered'`,
    tx.now + tx.timings.offerMs,
  )
  // Nor were its agents away from a server that was not there.
  tx.db.run('UPDATE agent SET away = away + ? WHERE away IS NOT NULL', away)
  // Who has stopped meanwhile could not say so.
  tx.db.run("UPDATE attempt SET due = max(due, ?) WHERE state = 'running'", tx.now + tx.timings.stopLateMs)
}

function lapseOffers(tx: Tx, answer: SweepAnswer): void {
  for (const attempt of attemptsWhere(tx, `${OPEN} AND a.state = 'offered' AND a.deadline <= ?`, BATCH, tx.now)) {
    const work = takeBackOffer(tx, attempt, workByOrd(tx, attempt.workflow), 'lapsed')
    answer.lapsed.push({ agentId: attempt.agent_id, workflowId: work.id, lease: attempt.lease, why: 'offer' })
  }
}

/** One that is to go on through outages does not expire while its agent is away. */
function expire(tx: Tx, answer: SweepAnswer): void {
  const late = attemptsWhere(
    tx,
    `${OPEN} AND a.state = 'running' AND a.deadline <= ?
     AND NOT (a.outage = 1 AND EXISTS (SELECT 1 FROM agent g WHERE g.id = a.agent_id AND g.online = 0))`,
    BATCH,
    tx.now - tx.timings.expireLateMs,
  )
  for (const attempt of late) {
    const work = loseAttempt(tx, attempt, workByOrd(tx, attempt.workflow), 'expired', 'its agent was not heard of')
    answer.lapsed.push({ agentId: attempt.agent_id, workflowId: work.id, lease: attempt.lease, why: 'expired' })
  }
}

/** Agents that did not stop, after a cancel or a timeout. */
function revokeOverdue(tx: Tx, answer: SweepAnswer): void {
  for (const attempt of attemptsWhere(tx, "a.state = 'running' AND a.due <= ?", BATCH, tx.now)) {
    endOverdue(tx, attempt, answer)
  }
}

function endOverdue(tx: Tx, attempt: Attempt, answer: SweepAnswer): void {
  const work = workByOrd(tx, attempt.workflow)
  const canceled = work.canceled !== null
  const reason = canceled ? 'it did not stop after the cancel' : 'it ran past its timeout and was not stopped'
  const raised = changeWork(tx, work, { revision: work.revision + 1 })
  const closed = closeAttempt(tx, attempt, canceled ? 'overdue' : 'timeout')
  answer.intents.push(revokeIntent(revoke(tx, closed, raised.revision, reason), raised))
  endWork(tx, raised, canceled ? 'canceled' : 'failure', { error: canceled ? null : `timed out: ${reason}` })
}
