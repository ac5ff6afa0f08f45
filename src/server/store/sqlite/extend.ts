import type { Phase, VerdictWord } from '../../../protocol/index.ts'
import type { By, Intent, WorkStore } from '../store.ts'
import { agentOf } from './agent-row.ts'
import { type Attempt, attemptByLease, changeAttempt } from './attempt.ts'
import { loseAttempt } from './endings.ts'
import { cancelIntent, isCancelOpen } from './intents.ts'
import type { Tx } from './tx.ts'
import { workByOrd } from './work.ts'

type Extended = Awaited<ReturnType<WorkStore['extend']>>

/** Renews all leases of an agent at once: a verdict for each, never an error for one. */
export function extend(tx: Tx, by: By, leases: readonly { lease: string; phase: Phase }[]): Extended {
  const agent = agentOf(tx, by)
  tx.db.run('UPDATE agent SET seen = ? WHERE id = ?', tx.now, agent.id)
  const intents: Intent[] = []
  const claims = leases.map(({ lease, phase }) => {
    const attempt = attemptByLease(tx, lease)
    const mine = attempt !== undefined && attempt.agent_id === by.agentId
    return { lease, verdict: mine ? judge(tx, attempt, phase, intents) : ('lost' as const) }
  })
  return { claims, intents }
}

function judge(tx: Tx, attempt: Attempt, phase: Phase, intents: Intent[]): VerdictWord {
  if (attempt.state === 'closed') return closedVerdict(attempt, phase)
  if (attempt.state === 'offered') return 'keep'
  const work = workByOrd(tx, attempt.workflow)
  if (phase === 'fenced' || phase === 'interrupted') {
    loseAttempt(tx, attempt, work, phase, 'its agent was out of reach and stopped it')
    return 'logs'
  }
  changeAttempt(tx, attempt, { deadline: tx.now + attempt.ttl_ms })
  if (isCancelOpen(work, attempt.lease)) intents.push(cancelIntent(attempt, work))
  return work.canceled !== null && phase !== 'done' ? 'cancel' : 'keep'
}

function closedVerdict(attempt: Attempt, phase: Phase): VerdictWord {
  if (attempt.how === 'done') return 'done'
  const ended = phase === 'done' || phase === 'fenced' || phase === 'interrupted'
  return ended && attempt.logs === 'open' ? 'logs' : 'lost'
}
