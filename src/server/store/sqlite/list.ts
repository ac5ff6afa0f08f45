import {
  BusError,
  foldCase,
  type Labels,
  mentions,
  type ResultOf,
  SEARCH,
  type WorkflowStateName,
} from '../../../protocol/index.ts'
import { EVERYTHING, sees } from '../../scope.ts'
import type { WorkStore } from '../store.ts'
import type { Value } from './db.ts'
import type { Tx } from './tx.ts'
import { VIEWS, type ViewRow, viewOf } from './views.ts'

type Page = Parameters<WorkStore['list']>[0]

/** What a workflow is chosen by. */
interface Candidate {
  ord: number
  id: string
  name: string
  state: WorkflowStateName
  labels: string
  agent: string | null
}

/** Candidates fetched at a time. */
const FETCH = 500

/** Newest first. The cursor is the order of the last row: pages do not shift when new ones come. */
export function list(tx: Tx, page: Page): ResultOf<'list'> {
  const { chosen, next } = choose(tx, page)
  const rows = tx.db.all<ViewRow>(
    `${VIEWS} WHERE w.ord IN (SELECT value FROM json_each(?)) ORDER BY w.ord DESC`,
    JSON.stringify(chosen),
  )
  return { workflows: rows.map(viewOf), next: next === null ? null : String(next) }
}

/** What an index has in order is read off it; what fits a further condition is looked for among so many rows. */
function choose(tx: Tx, page: Page): { chosen: number[]; next: number | null } {
  const fits = filterOf(page)
  const most = fits === undefined ? page.limit + 1 : FETCH
  const chosen: number[] = []
  let before = cursorOf(page.before)
  for (let looked = 0; looked < SEARCH.listRows; looked += most) {
    const rows = candidates(tx, page, before, most)
    for (const row of rows) {
      if (fits !== undefined && !fits(row)) continue
      if (chosen.length === page.limit) return { chosen, next: chosen.at(-1) ?? null }
      chosen.push(row.ord)
    }
    if (rows.length < most) return { chosen, next: null }
    before = rows.at(-1)?.ord ?? 0
  }
  return { chosen, next: before }
}

/** Undefined: one index has them all. */
function filterOf({
  state = [],
  labels = {},
  text,
  scope = EVERYTHING,
}: Page): ((row: Candidate) => boolean) | undefined {
  if (text === undefined && pairsOf({ labels, scope }).length + Math.sign(state.length) < 2) return undefined
  const needle = text === undefined ? undefined : foldCase(text)
  return (row) => {
    if (state.length > 0 && !state.includes(row.state)) return false
    const carried = JSON.parse(row.labels) as Labels
    return (
      sees(scope, carried) &&
      sees(labels, carried) &&
      (needle === undefined || mentions({ ...row, labels: carried }, needle))
    )
  }
}

function pairsOf({ labels = {}, scope = EVERYTHING }: Pick<Page, 'labels' | 'scope'>): [string, string][] {
  return [...Object.entries(scope), ...Object.entries(labels)]
}

/** The newest of those before. */
function candidates(tx: Tx, page: Page, before: number, most: number): Candidate[] {
  const { sql, values } = sourceOf(page, before)
  return tx.db.all<Candidate>(
    `SELECT w.ord, w.id, w.name, w.state, w.labels, g.name AS agent
     FROM (${sql} ORDER BY ord DESC LIMIT ?) s CROSS JOIN workflow w ON w.ord = s.ord
       LEFT JOIN attempt a ON a.lease = coalesce(w.lease, w.last_lease) LEFT JOIN agent g ON g.id = a.agent_id
     ORDER BY w.ord DESC`,
    ...values,
    most,
  )
}

/** Of what carries a label, or is in one of the states, the others are not even read. */
function sourceOf(page: Page, before: number): { sql: string; values: Value[] } {
  const [first] = pairsOf(page)
  if (first !== undefined) {
    const sql = 'SELECT workflow AS ord FROM label WHERE key = ? AND value = ? AND workflow < ?'
    return { sql, values: [...first, before] }
  }
  const states = [...new Set(page.state)]
  if (states.length === 0) return { sql: 'SELECT ord FROM workflow WHERE ord < ?', values: [before] }
  // Each in its own order and merged: with IN all of them would be read and sorted.
  const sql = states.map(() => 'SELECT ord FROM workflow WHERE state = ? AND ord < ?').join(' UNION ALL ')
  return { sql, values: states.flatMap((state) => [state, before]) }
}

function cursorOf(before: string | undefined): number {
  if (before === undefined) return Number.MAX_SAFE_INTEGER
  if (!/^\d{1,15}$/.test(before)) throw new BusError('bad_request', 'this is no cursor of a list')
  return Number(before)
}
