import { BusError, type LogPart, type LogRun, type MissingLines, type ResultOf } from '../../../protocol/index.ts'
import { unknownWorkflow } from '../../workflow-of.ts'
import type { LogStore } from '../store.ts'
import { missingLines } from './missing.ts'
import { fromStored } from './text.ts'
import type { Tx } from './tx.ts'
import { logsOf } from './views.ts'
import { workById } from './work.ts'

type Ask = Parameters<LogStore['readLogs']>[0]

interface Row {
  ord: number
  lease: string
  step_id: string
  first: number
  last: number
  text: string | null
  runs: string | null
  reason: string | null
}

/** Rows fetched at a time; a page ends at its bytes. */
const FETCH = 16

/** A page of an attempt's stored lines, in the order in which they were stored. */
export function readLogs(tx: Tx, ask: Ask): ResultOf<'logs'> {
  const work = workById(tx, ask.id, ask.scope)
  if (work === undefined) throw unknownWorkflow(ask.id)
  const number = ask.attempt ?? work.attempt
  const attempt = tx.db.get<{ lease: string; logs: 'open' | 'complete' | 'incomplete' }>(
    'SELECT lease, logs FROM attempt WHERE workflow = ? AND number = ? AND accepted IS NOT NULL',
    work.ord,
    number,
  )
  if (attempt === undefined) {
    if (ask.attempt !== undefined) throw new BusError('not_found', `there is no attempt ${ask.attempt}`)
    const state = logsOf(work.state, null)
    return { attempt: 0, lease: null, parts: [], next: ask.after ?? null, more: false, state, missing: [] }
  }
  const { lease } = attempt
  const after = cursorOf(ask.after)
  const { rows, more } = page(tx, lease, ask.stepId, after, ask.bytes)
  const last = rows.at(-1)
  const next = last === undefined ? (ask.after ?? null) : String(last.ord)
  const state = lease === work.last_lease ? logsOf(work.state, attempt.logs) : attempt.logs
  const missing = more ? [] : missingLines(tx, lease, state === 'incomplete').filter(isAskedFor(ask))
  return { attempt: number, lease, parts: rows.map(partOf), next, more, state, missing }
}

function isAskedFor({ stepId }: Ask): (missing: MissingLines) => boolean {
  return (missing) => stepId === undefined || missing.stepId === stepId
}

function cursorOf(after: string | undefined): number {
  if (after === undefined) return 0
  if (!/^\d{1,15}$/.test(after)) throw new BusError('bad_request', 'this is no cursor of a log')
  return Number(after)
}

function page(
  tx: Tx,
  lease: string,
  stepId: string | undefined,
  after: number,
  bytes: number,
): { rows: Row[]; more: boolean } {
  const rows: Row[] = []
  let left = bytes
  let at = after
  for (;;) {
    const found = fetch(tx, lease, stepId, at)
    for (const row of found) {
      left -= costOf(row)
      if (left < 0 && rows.length > 0) return { rows, more: true }
      rows.push(row)
      at = row.ord
    }
    if (found.length < FETCH) return { rows, more: false }
  }
}

/** What a part takes of a page: its text, and the frame around it. */
function costOf(row: Row): number {
  return Buffer.byteLength(row.text ?? row.reason ?? '') + (row.runs?.length ?? 0) + 64
}

function fetch(tx: Tx, lease: string, stepId: string | undefined, after: number): Row[] {
  const columns = 'ord, lease, step_id, first, last, text, runs, reason'
  return stepId === undefined
    ? tx.db.all<Row>(`SELECT ${columns} FROM log WHERE lease = ? AND ord > ? ORDER BY ord LIMIT ?`, lease, after, FETCH)
    : tx.db.all<Row>(
        `SELECT ${columns} FROM log WHERE lease = ? AND ord > ? AND step_id = ? ORDER BY ord LIMIT ?`,
        lease,
        after,
        stepId,
        FETCH,
      )
}

function partOf(row: Row): LogPart {
  const place = { lease: row.lease, stepId: row.step_id, from: row.first, to: row.last }
  if (row.text === null) return { kind: 'gap', ...place, reason: row.reason ?? '' }
  return { kind: 'lines', ...place, text: fromStored(row.text), runs: JSON.parse(row.runs ?? '[]') as LogRun[] }
}
