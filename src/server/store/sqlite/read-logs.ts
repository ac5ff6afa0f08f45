import { BusError, type LogPart, type LogRun, type MissingLines, type ResultOf } from '../../../protocol/index.ts'
import type { LogStore } from '../store.ts'
import { missingLines } from './missing.ts'
import { readAttempt } from './read-attempt.ts'
import { fromStored } from './text.ts'
import type { Tx } from './tx.ts'
import { logsOf } from './views.ts'

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
  const { work, number, attempt } = readAttempt(tx, ask)
  if (attempt === undefined) {
    const state = logsOf(work.state, null)
    return { attempt: 0, lease: null, parts: [], next: ask.after ?? null, more: false, state, missing: [] }
  }
  const { lease } = attempt
  const { rows, more } = page(tx, lease, ask)
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

function page(tx: Tx, lease: string, ask: Ask): { rows: Row[]; more: boolean } {
  const rows: Row[] = []
  let left = ask.bytes
  let at = cursorOf(ask.after)
  for (;;) {
    const found = fetch(tx, lease, ask, at)
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

const COLUMNS = 'SELECT ord, lease, step_id, first, last, text, runs, reason FROM log'
const OF_ALL = `${COLUMNS} WHERE lease = ? AND ord > ? ORDER BY ord LIMIT ?`
/** A step's lines are stored in their order: a cursor that is one of its rows says from which line on. */
const OF_STEP = `${COLUMNS} WHERE lease = ?1 AND step_id = ?2 AND ord > ?3
  AND last >= coalesce((SELECT last FROM log WHERE ord = ?3 AND lease = ?1 AND step_id = ?2), ?4) ORDER BY last LIMIT ?5`

function fetch(tx: Tx, lease: string, { stepId, from = 1 }: Ask, after: number): Row[] {
  return stepId === undefined
    ? tx.db.all<Row>(OF_ALL, lease, after, FETCH)
    : tx.db.all<Row>(OF_STEP, lease, stepId, after, from, FETCH)
}

function partOf(row: Row): LogPart {
  const place = { lease: row.lease, stepId: row.step_id, from: row.first, to: row.last }
  if (row.text === null) return { kind: 'gap', ...place, reason: row.reason ?? '' }
  return { kind: 'lines', ...place, text: fromStored(row.text), runs: JSON.parse(row.runs ?? '[]') as LogRun[] }
}
