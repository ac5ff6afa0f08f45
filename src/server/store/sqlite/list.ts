import { BusError, type ResultOf } from '../../../protocol/index.ts'
import type { WorkStore } from '../store.ts'
import type { Value } from './db.ts'
import type { Tx } from './tx.ts'
import { VIEWS, type ViewRow, viewOf } from './views.ts'

type Page = Parameters<WorkStore['list']>[0]

/** Newest first. The cursor is the order of the last row: pages do not shift when new ones come. */
export function list(tx: Tx, page: Page): ResultOf<'list'> {
  const { sql, values } = conditionsOf(page)
  const rows = tx.db.all<ViewRow>(
    `${VIEWS} WHERE ${sql.join(' AND ')} ORDER BY w.ord DESC LIMIT ?`,
    ...values,
    page.limit + 1,
  )
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    workflows: shown.map(viewOf),
    next: rows.length > page.limit && last !== undefined ? String(last.ord) : null,
  }
}

function conditionsOf(page: Page): { sql: string[]; values: Value[] } {
  const sql = ['w.ord < ?']
  const values: Value[] = [cursorOf(page.before)]
  if (page.state !== undefined && page.state.length > 0) {
    sql.push('w.state IN (SELECT value FROM json_each(?))')
    values.push(JSON.stringify(page.state))
  }
  for (const [key, value] of Object.entries(page.labels ?? {})) {
    sql.push('EXISTS (SELECT 1 FROM json_each(w.labels) l WHERE l.key = ? AND l.value = ?)')
    values.push(key, value)
  }
  return { sql, values }
}

function cursorOf(before: string | undefined): number {
  if (before === undefined) return Number.MAX_SAFE_INTEGER
  if (!/^\d{1,15}$/.test(before)) throw new BusError('bad_request', 'this is no cursor of a list')
  return Number(before)
}
