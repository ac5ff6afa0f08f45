import type { QueueView } from '../../../protocol/index.ts'
import { EVERYTHING } from '../../scope.ts'
import type { WorkStore } from '../store.ts'
import { agentCarrying } from './carrying.ts'
import type { Tx } from './tx.ts'
import { type Work, workChange } from './work.ts'

type Loaded = Awaited<ReturnType<WorkStore['loadQueue']>>

/** Stops or resumes offers, and nothing else. */
export function setPaused(tx: Tx, paused: boolean): void {
  if (tx.memory.paused === paused) return
  tx.db.run("UPDATE meta SET value = ? WHERE key = 'paused'", paused ? 1 : 0)
  tx.memory.paused = paused
  tx.memory.counts.touchAll()
}

export function queueInfo(tx: Tx, scope = EVERYTHING): QueueView {
  const counts = tx.memory.counts.of(scope)
  const { pending, waiting, offered, running } = counts.read()
  const { sql, values } = agentCarrying(scope)
  const agents = tx.db.get<{ count: number }>(
    `SELECT count(*) AS count FROM agent g WHERE online = 1 AND removed IS NULL${sql}`,
    ...values,
  )
  return {
    version: counts.version,
    pending,
    waiting,
    offered,
    running,
    agents: agents?.count ?? 0,
    paused: tx.memory.paused,
  }
}

const COLUMNS = 'ord, id, version, state, labels, priority, grp, grp_limit, not_before, lease'

/** A page of what the queue's index holds, in order of creation; `after` is the order of the last one seen. */
export function loadQueue(tx: Tx, after: number, limit: number): Loaded {
  const part = (state: string) => `SELECT ${COLUMNS} FROM workflow WHERE state = '${state}' AND ord > ?1`
  const rows = tx.db.all<Work>(
    `${part('pending')} UNION ALL ${part('offered')} UNION ALL ${part('running')} ORDER BY ord LIMIT ?2`,
    after,
    limit + 1,
  )
  return { rows: rows.slice(0, limit).map(workChange), more: rows.length > limit }
}
