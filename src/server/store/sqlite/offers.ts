import { nanoid } from 'nanoid'
import type { Labels, Offer, WorkflowSpec, WorkflowState } from '../../../protocol/index.ts'
import { mayHave } from '../../forced.ts'
import type { By, Intent } from '../store.ts'
import { touchAgent } from './agent-row.ts'
import { type Attempt, changeAttempt, ownedAttempt, stale } from './attempt.ts'
import { specOf } from './dependents.ts'
import { takeBackOffer } from './endings.ts'
import { cancelIntent, isCancelOpen } from './intents.ts'
import { secretsOf } from './secrets.ts'
import { makeSteps } from './steps.ts'
import type { Tx } from './tx.ts'
import { changeWork, type Work, workById, workByOrd } from './work.ts'

/** Hands a pending workflow to an agent, if all that must hold still holds. */
export function offer(tx: Tx, workflowId: string, by: By): Offer | null {
  const work = workById(tx, workflowId)
  if (work === undefined || work.state !== 'pending' || work.not_before > tx.now) return null
  if (tx.memory.paused || isGroupFull(tx, work)) return null
  const boot = bootThatMayTake(tx, by, work)
  if (boot === undefined) return null
  const spec = specOf(tx, work.ord)
  const lease = nanoid()
  const number = work.attempt + 1
  const ttlMs = spec.leaseMs ?? tx.timings.leaseMs
  tx.db.run(
    `INSERT INTO attempt (lease, workflow, number, agent_id, connection, boot, state, ttl_ms, deadline, outage, offered,
       logs, gaps, revoke, revision) VALUES (?, ?, ?, ?, ?, ?, 'offered', ?, ?, ?, ?, 'open', 0, 0, 0)`,
    lease,
    work.ord,
    number,
    by.agentId,
    by.connection,
    boot,
    ttlMs,
    tx.now + tx.timings.offerMs,
    spec.onOutage === 'continue' ? 1 : 0,
    tx.now,
  )
  changeWork(tx, work, { state: 'offered', lease, offers: work.offers + 1 })
  touchAgent(tx, by.agentId)
  return { workflowId, lease, attempt: number, ttlMs, offerMs: tx.timings.offerMs, workflow: spec }
}

/** Whatever the agent asked for: what its credential forces on it decides whose work it gets. */
function bootThatMayTake(tx: Tx, by: By, work: Work): string | undefined {
  const agent = tx.db.get<{ boot: string; forced: string | null }>(
    `SELECT g.boot AS boot, c.labels AS forced FROM agent g LEFT JOIN credential c ON c.id = g.credential_id
     WHERE g.id = ? AND g.connection = ? AND g.online = 1 AND g.schedulable = 1 AND g.draining = 0 AND g.leaving = 0
       AND g.removed IS NULL`,
    by.agentId,
    by.connection,
  )
  if (agent === undefined) return undefined
  const { boot, forced } = agent
  const free = forced === null || forced === '{}'
  return free || mayHave(JSON.parse(forced) as Labels, JSON.parse(work.labels) as Labels) ? boot : undefined
}

function isGroupFull(tx: Tx, work: Work): boolean {
  if (work.grp === null) return false
  const row = tx.db.get<{ count: number }>(
    "SELECT count(*) AS count FROM workflow WHERE grp = ? AND state IN ('offered', 'running')",
    work.grp,
  )
  return (row?.count ?? 0) >= work.grp_limit
}

export function decline(tx: Tx, by: By, lease: string): void {
  const attempt = ownedAttempt(tx, by, lease)
  if (attempt.state !== 'offered') throw stale()
  takeBackOffer(tx, attempt, workByOrd(tx, attempt.workflow), 'declined')
}

/** `init`: the lease runs from here. Asked again, it is answered again. */
export function accept(
  tx: Tx,
  by: By,
  lease: string,
  state: WorkflowState,
): { secrets: Record<string, string>; intent: Intent | null } {
  const attempt = ownedAttempt(tx, by, lease)
  if (attempt.state === 'closed') throw stale()
  const work = workByOrd(tx, attempt.workflow)
  const spec = specOf(tx, work.ord)
  if (attempt.state === 'offered') begin(tx, attempt, work, spec, state)
  const secrets = spec.secrets.length === 0 ? {} : secretsOf(tx, work.ord)
  return { secrets, intent: isCancelOpen(work, lease) ? cancelIntent(attempt, work) : null }
}

function begin(tx: Tx, attempt: Attempt, work: Work, spec: WorkflowSpec, state: WorkflowState): void {
  changeAttempt(tx, attempt, {
    state: 'running',
    accepted: tx.now,
    deadline: tx.now + attempt.ttl_ms,
    due: tx.now + spec.timeoutMs + tx.timings.timeoutLateMs,
  })
  makeSteps(tx, attempt.lease, spec.steps)
  changeWork(tx, work, {
    state: 'running',
    attempt: attempt.number,
    last_lease: attempt.lease,
    offers: 0,
    started: state.started > 0 ? state.started : tx.now,
  })
}
