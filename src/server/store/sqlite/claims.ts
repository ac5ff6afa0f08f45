import type { AttemptEnd, Claim, ClaimVerdict, VerdictWord } from '../../../protocol/index.ts'
import { type Attempt, attemptByLease, attemptsOf, changeAttempt } from './attempt.ts'
import { loseAttempt, takeBackOffer } from './endings.ts'
import { releaseHold } from './intents.ts'
import { giveUpLogs, settleLogs } from './log-state.ts'
import { stepsOf } from './steps.ts'
import type { Tx } from './tx.ts'
import { type Work, workByOrd } from './work.ts'

interface Handshake {
  agentId: string
  connection: number
  boot: string
  /** Former boots, which are dead for certain. */
  replaces: readonly string[]
  claims: readonly Claim[]
}

/** Answers what an agent believes it holds, and settles what it holds no longer. */
export function settleClaims(tx: Tx, shake: Handshake): ClaimVerdict[] {
  const claims = new Map(shake.claims.map((claim) => [claim.lease, claim]))
  const verdicts = new Map<string, VerdictWord>()
  for (const attempt of attemptsOf(tx, shake.agentId)) {
    const claim = claims.get(attempt.lease)
    const verdict =
      attempt.state === 'closed' ? closedOne(tx, shake, attempt, claim) : openOne(tx, shake, attempt, claim)
    verdicts.set(attempt.lease, verdict)
  }
  return shake.claims.map((claim) => {
    const verdict = verdicts.get(claim.lease) ?? forgottenOne(tx, shake, claim)
    return { lease: claim.lease, verdict, steps: verdict === 'lost' ? [] : positions(tx, claim.lease) }
  })
}

function positions(tx: Tx, lease: string): ClaimVerdict['steps'] {
  return stepsOf(tx, lease).map((step) => ({ stepId: step.step_id, upto: step.upto }))
}

/** Neither open nor with anything to settle: lines that it still owes are not taken any more. */
function forgottenOne(tx: Tx, shake: Handshake, claim: Claim): VerdictWord {
  const attempt = attemptByLease(tx, claim.lease)
  const isDone = attempt?.agent_id === shake.agentId && attempt.how === 'done'
  return isDone && !owesLines(tx, claim) ? 'done' : 'lost'
}

function owesLines(tx: Tx, claim: Claim): boolean {
  const upto = new Map(stepsOf(tx, claim.lease).map((step) => [step.step_id, step.upto]))
  return claim.steps.some(({ stepId, next }) => next - 1 > (upto.get(stepId) ?? 0))
}

function openOne(tx: Tx, shake: Handshake, attempt: Attempt, claim: Claim | undefined): VerdictWord {
  const work = workByOrd(tx, attempt.workflow)
  if (attempt.state === 'offered') return offeredOne(tx, shake, attempt, work, claim)
  const same = attempt.boot === shake.boot
  // Another boot, of which nothing is known: its attempts run to their end.
  if (!same && !shake.replaces.includes(attempt.boot)) return 'lost'
  if (claim === undefined) {
    giveUpLogs(tx, lose(tx, attempt, work, same ? 'unclaimed' : 'replaced'))
    return 'lost'
  }
  if (claim.phase === 'fenced' || claim.phase === 'interrupted') {
    expect(tx, shake, lose(tx, attempt, work, claim.phase), claim)
    return 'logs'
  }
  if (!same && claim.phase !== 'done') {
    giveUpLogs(tx, lose(tx, attempt, work, 'replaced'))
    return 'lost'
  }
  changeAttempt(tx, attempt, { boot: shake.boot, connection: shake.connection, deadline: tx.now + attempt.ttl_ms })
  return work.canceled !== null && claim.phase !== 'done' ? 'cancel' : 'keep'
}

/** An offer dies with its connection, except one whose acceptance is under way. */
function offeredOne(tx: Tx, shake: Handshake, attempt: Attempt, work: Work, claim: Claim | undefined): VerdictWord {
  if (claim?.phase !== 'accepting' || attempt.boot !== shake.boot) {
    takeBackOffer(tx, attempt, work, 'withdrawn')
    return 'lost'
  }
  changeAttempt(tx, attempt, { connection: shake.connection, deadline: tx.now + tx.timings.offerMs })
  return 'keep'
}

/** Closed, with lines still to come, or told to stop. */
function closedOne(tx: Tx, shake: Handshake, attempt: Attempt, claim: Claim | undefined): VerdictWord {
  if (attempt.boot !== shake.boot && !shake.replaces.includes(attempt.boot)) return 'lost'
  if (claim === undefined) {
    if (attempt.revoke === 1) releaseHold(tx, attempt)
    giveUpLogs(tx, attempt)
    return 'lost'
  }
  const ended = claim.phase === 'done' || claim.phase === 'fenced' || claim.phase === 'interrupted'
  if (attempt.how === 'done') {
    changeAttempt(tx, attempt, { boot: shake.boot, progress: tx.now })
    return 'done'
  }
  if (ended && attempt.revoke === 1) releaseHold(tx, attempt)
  if (ended && attempt.logs === 'open') {
    expect(tx, shake, attempt, claim)
    return 'logs'
  }
  giveUpLogs(tx, attempt)
  return 'lost'
}

function lose(tx: Tx, attempt: Attempt, work: Work, how: AttemptEnd): Attempt {
  loseAttempt(tx, attempt, work, how, WHY[how] ?? how)
  return attemptByLease(tx, attempt.lease) ?? attempt
}

const WHY: Partial<Record<AttemptEnd, string>> = {
  unclaimed: 'its agent came back without it',
  replaced: 'its agent was started anew',
  fenced: 'its agent was out of reach and stopped it',
  interrupted: 'its agent was interrupted',
}

/** The claim says how many lines each step has made: so many are waited for. After a killed agent it is no more than what was saved. */
function expect(tx: Tx, shake: Handshake, attempt: Attempt, claim: Claim): void {
  const next = new Map(claim.steps.map((step) => [step.stepId, step.next]))
  for (const step of stepsOf(tx, attempt.lease)) {
    const made = Math.max((next.get(step.step_id) ?? 1) - 1, step.upto)
    tx.db.run('UPDATE step SET expected = ? WHERE lease = ? AND step_id = ?', made, attempt.lease, step.step_id)
  }
  const cut = claim.phase === 'interrupted' ? 1 : attempt.cut
  settleLogs(tx, changeAttempt(tx, attempt, { boot: shake.boot, progress: tx.now, cut }))
}
