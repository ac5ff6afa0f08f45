import { type AttemptEnd, BusError } from '../../../protocol/index.ts'
import type { By } from '../store.ts'
import type { Tx } from './tx.ts'

/** An attempt's row. */
export interface Attempt {
  lease: string
  workflow: number
  number: number
  agent_id: string
  connection: number
  boot: string
  state: 'offered' | 'running' | 'closed'
  how: AttemptEnd | null
  ttl_ms: number
  deadline: number
  /** When it is revoked for not stopping: after its cancel or its timeout. */
  due: number | null
  outage: number
  accepted: number | null
  closed: number | null
  logs: 'open' | 'complete' | 'incomplete'
  gaps: number
  /** Its agent was killed: whatever lines come, there may have been more. */
  cut: number
  progress: number | null
  revoke: number
  revision: number
  /** Why it was lost or taken away; told to its agent where it is revoked. */
  reason: string | null
}

const COLUMNS = `a.lease, a.workflow, a.number, a.agent_id, a.connection, a.boot, a.state, a.how, a.ttl_ms, a.deadline, a.due,
  a.outage, a.accepted, a.closed, a.logs, a.gaps, a.cut, a.progress, a.revoke, a.revision, a.reason`

/** The attempt's machine: running is never offered again, closed never opened. */
const EDGES: Record<Attempt['state'], readonly Attempt['state'][]> = {
  offered: ['running', 'closed'],
  running: ['closed'],
  closed: [],
}

/** The one answer to a lease that may not write: unknown, foreign, closed and late look alike. */
export function stale(): BusError {
  return new BusError('stale_lease', 'this lease is not held by this connection')
}

/** The attempt, if the newest connection of its own agent asks. */
export function ownedAttempt(tx: Tx, by: By, lease: string): Attempt {
  const attempt = tx.db.get<Attempt>(
    `SELECT ${COLUMNS} FROM attempt a JOIN agent g ON g.id = a.agent_id
     WHERE a.lease = ? AND a.agent_id = ? AND g.connection = ? AND g.removed IS NULL`,
    lease,
    by.agentId,
    by.connection,
  )
  if (attempt === undefined) throw stale()
  return attempt
}

export function attemptByLease(tx: Tx, lease: string): Attempt | undefined {
  return tx.db.get<Attempt>(`SELECT ${COLUMNS} FROM attempt a WHERE a.lease = ?`, lease)
}

/** Whatever of an agent's attempts may still matter: open, or closed with lines to come, or told to stop. */
export function attemptsOf(tx: Tx, agentId: string): Attempt[] {
  return tx.db.all<Attempt>(
    `SELECT ${COLUMNS} FROM attempt a WHERE a.agent_id = ?1 AND a.state <> 'closed'
     UNION SELECT ${COLUMNS} FROM attempt a WHERE a.agent_id = ?1 AND a.state = 'closed' AND a.logs = 'open'
     UNION SELECT ${COLUMNS} FROM attempt a WHERE a.agent_id = ?1 AND a.revoke = 1`,
    agentId,
  )
}

/**
 * Said in these words, so that the database sees that its indexes of open attempts will do: most are closed. What writes
 * says its state in words too: where an index depends on it, a bound one ends the process (SQLite 3.45).
 */
export const OPEN = "a.state <> 'closed'"

/** The attempts that a condition names, oldest deadline first where its index has that order. */
export function attemptsWhere(tx: Tx, condition: string, limit: number, ...values: (string | number)[]): Attempt[] {
  return tx.db.all<Attempt>(`SELECT ${COLUMNS} FROM attempt a WHERE ${condition} LIMIT ?`, ...values, limit)
}

type Settable = Partial<Omit<Attempt, 'lease' | 'workflow' | 'number' | 'agent_id'>>

/** The one writer of an attempt's row, apart from the plain renewal of its deadline. Asserts the edge. */
export function changeAttempt(tx: Tx, attempt: Attempt, set: Settable): Attempt {
  if (set.state !== undefined && !EDGES[attempt.state].includes(set.state)) {
    throw new Error(`attempt ${attempt.lease} cannot go from ${attempt.state} to ${set.state}`)
  }
  const columns = Object.keys(set).map((name) => `${name} = ?`)
  tx.db.run(`UPDATE attempt SET ${columns.join(', ')} WHERE lease = ?`, ...Object.values(set), attempt.lease)
  return { ...attempt, ...set }
}
