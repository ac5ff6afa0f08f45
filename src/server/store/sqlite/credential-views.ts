import { BusError, type CredentialView, type Labels, type ResultOf, type Role } from '../../../protocol/index.ts'
import { dateOf } from './dates.ts'
import type { Tx } from './tx.ts'

interface Row {
  id: string
  role: Role
  name: string
  labels: string
  created: number
  revoked: number | null
  enrolled: string | null
  used: number | null
  expires: number | null
  overlap: number | null
}

const VIEWS = `SELECT c.id, c.role, c.name, c.labels, c.created, c.revoked, c.enrolled, n.expires,
    (SELECT max(t.used) FROM token t WHERE t.credential_id = c.id) AS used,
    (SELECT max(t.expires) FROM token t WHERE t.credential_id = c.id AND t.id < n.id AND t.ended IS NULL AND t.expires > ?)
      AS overlap
  FROM credential c JOIN token n ON n.id = (SELECT max(t.id) FROM token t WHERE t.credential_id = c.id)`

/** Oldest first. The cursor is the place of the last one. */
export function listCredentials(tx: Tx, page: { limit: number; after?: string | undefined }): ResultOf<'token.list'> {
  const place = placeOf(page.after)
  const rows = tx.db.all<Row>(
    `${VIEWS} WHERE (c.created, c.id) > (?, ?) ORDER BY c.created, c.id LIMIT ?`,
    tx.now,
    place.created,
    place.id,
    page.limit + 1,
  )
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  const next = rows.length > page.limit && last !== undefined ? `${last.created} ${last.id}` : null
  return { tokens: shown.map((row) => viewOf(row, tx.now)), next }
}

function placeOf(cursor: string | undefined): { created: number; id: string } {
  if (cursor === undefined) return { created: 0, id: '' }
  const [, created = '', id = ''] = /^(\d{1,15}) (\w+)$/.exec(cursor) ?? []
  if (id === '') throw new BusError('bad_request', 'this is no cursor of the credentials')
  return { created: Number(created), id }
}

function viewOf(row: Row, now: number): CredentialView {
  const { id, role, name, enrolled } = row
  return {
    id,
    role,
    name,
    labels: JSON.parse(row.labels) as Labels,
    state: stateOf(row, now),
    created: new Date(row.created),
    expires: dateOf(row.expires),
    overlap: dateOf(row.overlap),
    revoked: dateOf(row.revoked),
    lastUsed: dateOf(row.used),
    enrolled,
  }
}

function stateOf({ revoked, enrolled, expires }: Row, now: number): CredentialView['state'] {
  if (revoked !== null) return 'revoked'
  if (enrolled !== null) return 'used'
  return expires !== null && expires <= now ? 'expired' : 'valid'
}
