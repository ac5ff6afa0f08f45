import { BusError, type ResultOf } from '../../../protocol/index.ts'
import { EVERYTHING } from '../../scope.ts'
import type { WorkStore } from '../store.ts'
import { carrying } from './carrying.ts'
import type { Value } from './db.ts'
import type { Tx } from './tx.ts'
import { type ViewRow, viewOf, viewsFrom } from './views.ts'

const ALL = viewsFrom('workflow w')
const LABELLED = viewsFrom('label x CROSS JOIN workflow w ON w.ord = x.workflow')

type Page = Parameters<WorkStore['list']>[0]

/** Newest first. The cursor is the order of the last row: pages do not shift when new ones come. */
export function list(tx: Tx, page: Page): ResultOf<'list'> {
  const { sql, values } = statementOf(page)
  const rows = tx.db.all<ViewRow>(`${sql} LIMIT ?`, ...values, page.limit + 1)
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    workflows: shown.map(viewOf),
    next: rows.length > page.limit && last !== undefined ? String(last.ord) : null,
  }
}

/** Of what carries a label the others are not even read. */
function statementOf({ before, state = [], labels = {}, scope = EVERYTHING }: Page): { sql: string; values: Value[] } {
  const conditions = [carrying(scope), carrying(labels)]
  const carried = { sql: conditions.map(({ sql }) => sql).join(''), values: conditions.flatMap(({ values }) => values) }
  const states = state.length === 0 ? '' : ' AND w.state IN (SELECT value FROM json_each(?))'
  const last: Value[] = [...(state.length === 0 ? [] : [JSON.stringify(state)]), ...carried.values]
  const [first] = [...Object.entries(scope), ...Object.entries(labels)]
  if (first === undefined) {
    return { sql: `${ALL} WHERE w.ord < ?${states} ORDER BY w.ord DESC`, values: [cursorOf(before), ...last] }
  }
  const sql = `${LABELLED} WHERE x.key = ? AND x.value = ? AND x.workflow < ?${states}${carried.sql} ORDER BY x.workflow DESC`
  return { sql, values: [...first, cursorOf(before), ...last] }
}

function cursorOf(before: string | undefined): number {
  if (before === undefined) return Number.MAX_SAFE_INTEGER
  if (!/^\d{1,15}$/.test(before)) throw new BusError('bad_request', 'this is no cursor of a list')
  return Number(before)
}
