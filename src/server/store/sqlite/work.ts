import type { Labels, WorkflowStateName } from '../../../protocol/index.ts'
import { EVERYTHING } from '../../scope.ts'
import type { Change } from '../change.ts'
import { carrying } from './carrying.ts'
import { passageOf } from './passage.ts'
import type { Tx } from './tx.ts'

/** A workflow's row, as operations handle it. */
export interface Work {
  ord: number
  id: string
  version: number
  state: WorkflowStateName
  labels: string
  priority: number
  grp: string | null
  grp_limit: number
  not_before: number
  grace_ms: number
  max_attempts: number
  /** Of the open attempt. */
  lease: string | null
  /** Of the attempt accepted last. */
  last_lease: string | null
  attempt: number
  offers: number
  losses: number
  /** Since when it is in line, or was when it was taken up. */
  queued: number | null
  started: number | null
  finished: number | null
  /** When it ended by the store's clock. */
  ended: number | null
  error: string | null
  lost: string | null
  revision: number
  cancel_reason: string | null
  canceled: number | null
  received: number | null
  stopping: number | null
  stopped: number | null
}

const COLUMNS = `ord, id, version, state, labels, priority, grp, grp_limit, not_before, grace_ms, max_attempts, lease,
  last_lease, attempt, offers, losses, queued, started, finished, ended, error, lost, revision, cancel_reason, canceled, received,
  stopping, stopped`

/** The workflow's machine: which state may follow which. Back to `pending` from an end goes only by requeue. */
const EDGES: Record<WorkflowStateName, readonly WorkflowStateName[]> = {
  waiting: ['pending', 'skipped', 'canceled'],
  pending: ['offered', 'canceled'],
  offered: ['pending', 'running', 'canceled', 'error'],
  running: ['pending', 'success', 'failure', 'canceled', 'error'],
  success: ['pending'],
  failure: ['pending'],
  canceled: ['pending'],
  skipped: ['pending'],
  error: ['pending'],
}

const ENDED: ReadonlySet<WorkflowStateName> = new Set(['success', 'failure', 'canceled', 'skipped', 'error'])

export function hasEnded(state: WorkflowStateName): boolean {
  return ENDED.has(state)
}

export function workById(tx: Tx, id: string, scope = EVERYTHING): Work | undefined {
  const { sql, values } = carrying(scope)
  return tx.db.get<Work>(`SELECT ${COLUMNS} FROM workflow w WHERE id = ?${sql}`, id, ...values)
}

export function workByOrd(tx: Tx, ord: number): Work {
  const work = tx.db.get<Work>(`SELECT ${COLUMNS} FROM workflow WHERE ord = ?`, ord)
  if (work === undefined) throw new Error(`no workflow ${ord}`)
  return work
}

type Settable = Partial<Omit<Work, 'ord' | 'id' | 'version' | 'labels' | 'priority' | 'grp' | 'grp_limit'>>

/** The one writer of a workflow's row: asserts the edge, raises the version, and tells the change. */
export function changeWork(tx: Tx, work: Work, set: Settable, told: { refusedBy?: string } = {}): Work {
  if (set.state !== undefined && !EDGES[work.state].includes(set.state)) {
    throw new Error(`workflow ${work.id} cannot go from ${work.state} to ${set.state}`)
  }
  const isNewInLine = set.state === 'pending' && work.state !== 'offered'
  const all: Settable = isNewInLine ? { ...set, queued: tx.now } : set
  const names = Object.keys(all)
  const after: Work = { ...work, ...all, version: tx.next() }
  const columns = names.map((name) => `, ${name} = ?`).join('')
  tx.db.run(`UPDATE workflow SET version = ?${columns} WHERE ord = ?`, after.version, ...Object.values(all), work.ord)
  tx.memory.counts.move(work.state, after.state, work.labels)
  tx.changes.push({ ...workChange(after), ...told, ...passageOf(work, after, tx.now) })
  return after
}

type Told = Pick<
  Work,
  'ord' | 'id' | 'version' | 'state' | 'labels' | 'priority' | 'grp' | 'grp_limit' | 'not_before' | 'lease'
>

/** What the queue's index needs; nothing once it has ended. */
export function workChange(work: Told): Change & { kind: 'workflow' } {
  const queued = work.state === 'pending' || work.state === 'offered' || work.state === 'running'
  const lane = !queued
    ? null
    : {
        labels: JSON.parse(work.labels) as Labels,
        group: work.grp,
        limit: work.grp_limit,
        priority: work.priority,
        order: work.ord,
        notBefore: work.not_before,
      }
  return { kind: 'workflow', id: work.id, version: work.version, state: work.state, lane, lease: work.lease }
}
