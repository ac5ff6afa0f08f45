import { BusError, foldCase, type ResultOf, SEARCH, visibleText } from '../../../protocol/index.ts'
import type { LogStore } from '../store.ts'
import { readAttempt } from './read-attempt.ts'
import { fromStored } from './text.ts'
import type { Tx } from './tx.ts'

type Ask = Parameters<LogStore['searchLogs']>[0]

interface Row {
  first: number
  last: number
  text: string | null
}

/** Rows fetched at a time. */
const FETCH = 32
/** What a row costs beside its text, in bytes: a log may come line by line. */
const ROW_COST = 512
/** Text with escape sequences, and any that is not plain ASCII, costs so many times its bytes. */
const DEAR = 3

const ON = `SELECT first, last, text FROM log WHERE lease = ?1 AND step_id = ?2 AND last >= ?3 ORDER BY last LIMIT ?4`
/** The chunk that holds the line, and those before it. */
const BACK = `SELECT first, last, text FROM log WHERE lease = ?1 AND step_id = ?2 AND first <= ?3
  AND last <= coalesce((SELECT last FROM log WHERE lease = ?1 AND step_id = ?2 AND last >= ?3 ORDER BY last LIMIT 1), ?3)
  ORDER BY last DESC LIMIT ?4`

/** Looks through a step's log chunk by chunk, a bounded piece of it in one call. */
export function searchLogs(tx: Tx, ask: Ask): ResultOf<'logs.search'> {
  const cursor = cursorOf(ask.after)
  const wanted = cursor?.attempt ?? ask.attempt
  const { number, attempt } = readAttempt(tx, wanted === undefined ? ask : { ...ask, attempt: wanted })
  if (attempt === undefined) return { attempt: 0, lines: [], next: null, scanned: { from: 1, to: 0 } }
  const start = cursor?.line ?? startOf(tx, attempt.lease, ask)
  const { lines, at, more } = scan(tx, attempt.lease, ask, start)
  return {
    attempt: number,
    lines: ask.back ? lines.reverse() : lines,
    next: more ? `${number}.${at}` : null,
    scanned: ask.back ? { from: at + 1, to: start } : { from: start, to: at - 1 },
  }
}

/** Names the attempt, and the line that is looked at next. */
function cursorOf(after: string | undefined): { attempt: number; line: number } | undefined {
  if (after === undefined) return undefined
  const [, attempt, line] = /^(\d{1,9})\.(\d{1,15})$/.exec(after) ?? []
  if (attempt === undefined || line === undefined) throw new BusError('bad_request', 'this is no cursor of a search')
  return { attempt: Number(attempt), line: Number(line) }
}

function startOf(tx: Tx, lease: string, { stepId, from, back }: Ask): number {
  if (!back) return from ?? 1
  const step = tx.db.get<{ upto: number }>('SELECT upto FROM step WHERE lease = ? AND step_id = ?', lease, stepId)
  const upto = step?.upto ?? 0
  return Math.min(from ?? upto, upto)
}

/** From line `start` on, or back. `at` is the line that would be next: at the edge of a chunk. */
function scan(tx: Tx, lease: string, ask: Ask, start: number): { lines: number[]; at: number; more: boolean } {
  const { stepId, back } = ask
  const fold = ask.sensitive ? (text: string) => text : foldCase
  const needle = fold(ask.text)
  const lines: number[] = []
  let [at, left] = [start, SEARCH.logText]
  for (;;) {
    const rows = tx.db.all<Row>(back ? BACK : ON, lease, stepId, at, FETCH)
    for (const row of rows) {
      if (left <= 0) return { lines, at, more: true }
      const found = linesWith(row, needle, fold).filter((line) => (back ? line <= start : line >= start))
      if (lines.length + found.length > SEARCH.logLines) return { lines, at, more: true }
      lines.push(...(back ? found.reverse() : found))
      at = back ? row.first - 1 : row.last + 1
      left -= costOf(row)
    }
    if (rows.length < FETCH) return { lines, at, more: false }
  }
}

function costOf({ text }: Row): number {
  if (text === null) return ROW_COST
  const bytes = Buffer.byteLength(text)
  return ROW_COST + (bytes > text.length || text.includes('\x1b') ? DEAR * bytes : bytes)
}

/** Numbers of the lines of a chunk that hold the needle. A gap has none. */
function linesWith({ first, text }: Row, needle: string, fold: (text: string) => string): number[] {
  if (text === null) return []
  const hay = fold(visibleText(fromStored(text)))
  // Most chunks hold none.
  if (!hay.includes(needle)) return []
  return hay.split('\n').flatMap((line, index) => (line.includes(needle) ? [first + index] : []))
}
