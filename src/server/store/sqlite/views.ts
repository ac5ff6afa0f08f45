import type {
  CancelView,
  Labels,
  WorkflowDetail,
  WorkflowSpec,
  WorkflowStateName,
  WorkflowView,
} from '../../../protocol/index.ts'
import { EVERYTHING, type Scope, sees } from '../../scope.ts'
import { attemptViews } from './attempt-views.ts'
import { carrying } from './carrying.ts'
import { dateOf } from './dates.ts'
import { specOf } from './dependents.ts'
import { missingLines } from './missing.ts'
import { stepViews } from './step-views.ts'
import { stepsOf } from './steps.ts'
import type { Tx } from './tx.ts'
import { hasEnded } from './work.ts'

type Logs = WorkflowView['logs']

/** A workflow's row with what its view takes from the latest attempt. */
export interface ViewRow {
  ord: number
  id: string
  version: number
  name: string
  state: WorkflowStateName
  labels: string
  priority: number
  attempt: number
  last_lease: string | null
  created: number
  started: number | null
  finished: number | null
  error: string | null
  lost: string | null
  revision: number
  cancel_reason: string | null
  canceled: number | null
  received: number | null
  stopping: number | null
  stopped: number | null
  agent: string | null
  logs: Logs | null
}

/** Select views of workflows: add a condition on `w`. */
export const VIEWS = `SELECT w.ord, w.id, w.version, w.name, w.state, w.labels, w.priority, w.attempt,
    w.last_lease, w.created, w.started, w.finished, w.error, w.lost, w.revision, w.cancel_reason, w.canceled, w.received,
    w.stopping, w.stopped, g.name AS agent, t.logs AS logs
  FROM workflow w LEFT JOIN attempt a ON a.lease = coalesce(w.lease, w.last_lease) LEFT JOIN agent g ON g.id = a.agent_id
    LEFT JOIN attempt t ON t.lease = w.last_lease`

/** Open until the workflow has ended: another attempt may still write. One that never began has no lines to miss. */
export function logsOf(state: WorkflowStateName, attempt: Logs | null): Logs {
  return hasEnded(state) ? (attempt ?? 'complete') : 'open'
}

export function viewOf(row: ViewRow): WorkflowView {
  return {
    id: row.id,
    version: row.version,
    name: row.name,
    state: row.state,
    attempt: row.attempt,
    agent: row.agent,
    labels: JSON.parse(row.labels) as Labels,
    priority: row.priority,
    created: new Date(row.created),
    started: dateOf(row.started),
    finished: dateOf(row.finished),
    error: row.error,
    lost: row.lost,
    logs: logsOf(row.state, row.logs),
    cancel: cancelOf(row),
  }
}

function cancelOf(row: ViewRow): CancelView | null {
  if (row.canceled === null) return null
  return {
    revision: row.revision,
    reason: row.cancel_reason ?? '',
    requested: new Date(row.canceled),
    received: dateOf(row.received),
    stopping: dateOf(row.stopping),
    stopped: dateOf(row.stopped),
  }
}

export function workflowView(tx: Tx, id: string, scope: Scope): WorkflowView | null {
  const row = rowOf(tx, id, scope)
  return row === undefined ? null : viewOf(row)
}

function rowOf(tx: Tx, id: string, scope: Scope): ViewRow | undefined {
  const { sql, values } = carrying(scope)
  return tx.db.get<ViewRow>(`${VIEWS} WHERE w.id = ?${sql}`, id, ...values)
}

/** One workflow with its steps: those of its latest attempt, or fresh ones while it waits for the next. */
export function get(tx: Tx, id: string, scope = EVERYTHING): WorkflowDetail | null {
  const row = rowOf(tx, id, scope)
  if (row === undefined) return null
  const begun = row.state === 'running' || hasEnded(row.state)
  const lease = begun ? row.last_lease : null
  const spec = specOf(tx, row.ord)
  const rows = lease === null ? [] : stepsOf(tx, lease)
  return {
    ...viewOf(row),
    version: Math.max(row.version, ...rows.map((step) => step.version)),
    steps: stepViews(spec, rows, row),
    missing: lease === null ? [] : missingLines(tx, lease, row.logs === 'incomplete'),
    dependsOn: dependenciesOf(tx, row.ord, scope),
    attempts: attemptViews(tx, row.ord),
    terms: termsOf(spec),
  }
}

function termsOf(spec: WorkflowSpec): WorkflowDetail['terms'] {
  const { timeoutMs, graceMs, onOutage, maxAttempts, runsOn, concurrency } = spec
  return { timeoutMs, graceMs, onOutage, maxAttempts, runsOn, concurrency: concurrency ?? null }
}

function dependenciesOf(tx: Tx, ord: number, scope: Scope): WorkflowDetail['dependsOn'] {
  // One that was deleted since is known by its outcome.
  return tx.db
    .all<WorkflowDetail['dependsOn'][number] & { labels: string | null }>(
      `SELECT d.parent AS id, d.name AS name, coalesce(w.state, d.outcome, 'success') AS state,
         coalesce(w.labels, o.labels) AS labels
       FROM dependency d LEFT JOIN workflow w ON w.id = d.parent LEFT JOIN gone o ON o.id = d.parent
       WHERE d.child = ? ORDER BY d.name, d.parent`,
      ord,
    )
    .filter(({ labels }) => sees(scope, JSON.parse(labels ?? '{}') as Labels))
    .map(({ id, name, state }) => ({ id, name, state }))
}
