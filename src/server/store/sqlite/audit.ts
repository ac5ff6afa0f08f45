import { type AuditView, BusError, type ResultOf } from '../../../protocol/index.ts'
import type { Actor, AuditStore, Deed } from '../audit.ts'
import { dateOf } from './dates.ts'
import type { Value } from './db.ts'
import type { Tx } from './tx.ts'

interface Row {
  ord: number
  at: number
  credential_id: string | null
  name: string
  role: AuditView['role']
  address: string
  action: string
  subjects: string
  outcome: string
  times: number
  until: number | null
}

/** Of what people chose, and of how many things were touched: a row is short, whoever caused it. */
const TEXT = 100
const SUBJECTS = 100

export function note(tx: Tx, who: Actor, deed: Deed): void {
  const { action, subjects, outcome, times = 1, since } = deed
  tx.db.run(
    `INSERT INTO audit (at, credential_id, name, role, address, action, subjects, outcome, times, until)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    since ?? tx.now,
    who.credentialId,
    clip(who.name),
    who.role,
    clip(who.address),
    clip(action),
    JSON.stringify(subjects.slice(0, SUBJECTS).map(hide)),
    outcome,
    times,
    times > 1 ? tx.now : null,
  )
}

/** Whoever gives a secret where an id belongs has made it no less secret. */
function hide(subject: string): string {
  return clip(subject.replace(/dr[a-z]_[\w-]{40,}/g, (secret) => `${secret.slice(0, 4)}…`))
}

function clip(text: string): string {
  return text.length <= TEXT ? text : `${text.slice(0, TEXT - 1)}…`
}

/** The cursor is the place of the last row. */
export function audit(tx: Tx, page: Parameters<AuditStore['audit']>[0]): ResultOf<'audit'> {
  const { sql, values } = conditionsOf(page)
  const rows = tx.db.all<Row>(
    `SELECT ord, at, credential_id, name, role, address, action, subjects, outcome, times, until FROM audit
     WHERE ${sql} ORDER BY at DESC, ord DESC LIMIT ?`,
    ...values,
    page.limit + 1,
  )
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  const next = rows.length > page.limit && last !== undefined ? `${last.at} ${last.ord}` : null
  return { entries: shown.map(viewOf), next }
}

function conditionsOf({ since = 0, credential, action, before }: Parameters<AuditStore['audit']>[0]) {
  const place = placeOf(before)
  const sql = ['at >= ?', 'at <= ?', '(at, ord) < (?, ?)']
  const values: Value[] = [since, place.at, place.at, place.ord]
  if (credential !== undefined) {
    sql.push('credential_id = ?')
    values.push(credential)
  }
  if (action !== undefined) {
    sql.push('action = ?')
    values.push(action)
  }
  return { sql: sql.join(' AND '), values }
}

function placeOf(cursor: string | undefined): { at: number; ord: number } {
  if (cursor === undefined) return { at: Number.MAX_SAFE_INTEGER, ord: Number.MAX_SAFE_INTEGER }
  const [, at, ord] = /^(\d{1,15}) (\d{1,15})$/.exec(cursor) ?? []
  if (at === undefined) throw new BusError('bad_request', 'this is no cursor of the audit trail')
  return { at: Number(at), ord: Number(ord) }
}

function viewOf({ at, credential_id, name, role, address, action, subjects, outcome, times, until }: Row): AuditView {
  const who = { credential: credential_id, name, role, address }
  return { at: new Date(at), ...who, action, subjects: JSON.parse(subjects), outcome, times, until: dateOf(until) }
}
