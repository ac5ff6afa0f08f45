import { type Labels, LOGIN, type Role } from '../../../protocol/index.ts'
import type { Login } from '../login-store.ts'
import { hasToken } from './tokens.ts'
import type { Tx } from './tx.ts'

interface Row {
  id: string
  created: number
  credential_id: string
  role: Role
  name: string
  labels: string
}

/** Written once a minute, not with every request of a page. */
const USED_MS = 60_000
/** Ended in one sweep; the rest comes with the next. */
const BATCH = 200

export function findLogin(tx: Tx, cookie: string): Login | null {
  const row = tx.db.get<Row>(
    `SELECT l.id, l.created, l.credential_id, c.role, c.name, c.labels
     FROM login l JOIN credential c ON c.id = l.credential_id
     WHERE l.hash = ?1 AND l.expires > ?2 AND c.revoked IS NULL`,
    cookie,
    tx.now,
  )
  if (row === undefined || !hasToken(tx, row.credential_id)) return null
  if (tx.writable) use(tx, row.id)
  return {
    id: row.id,
    credential: {
      id: row.credential_id,
      role: row.role,
      name: row.name,
      labels: JSON.parse(row.labels) as Labels,
      token: null,
    },
    created: row.created,
    expires: expiryOf(tx, row.created),
  }
}

export function useLogins(tx: Tx, ids: readonly string[]): void {
  for (const id of ids) use(tx, id)
}

export function logOut(tx: Tx, id: string): void {
  endLoginsWhere(tx, 'id = ?', id)
}

/** Those whose time is over. */
export function expireLogins(tx: Tx): void {
  endLoginsWhere(tx, 'id IN (SELECT id FROM login WHERE expires <= ? LIMIT ?)', tx.now, BATCH)
}

/** All of a credential that has ended: whoever is connected hears of that, not of its login. */
export function dropLogins(tx: Tx, credentialId: string): void {
  tx.db.run('DELETE FROM login WHERE credential_id = ?', credentialId)
  tx.db.run('DELETE FROM login_code WHERE credential_id = ?', credentialId)
}

/** Ends logins; their tickets go with them. */
export function endLoginsWhere(tx: Tx, condition: string, ...values: (string | number)[]): void {
  for (const { id } of tx.db.all<{ id: string }>(`SELECT id FROM login WHERE ${condition}`, ...values)) {
    tx.db.run('DELETE FROM login WHERE id = ?', id)
    tx.changes.push({ kind: 'login', id })
  }
}

/** When a login ends that is used just now. */
export function expiryOf(tx: Tx, created: number): number {
  return Math.min(created + LOGIN.maxMs, tx.now + LOGIN.idleMs)
}

function use(tx: Tx, id: string): void {
  tx.db.run(
    'UPDATE login SET used = ?1, expires = min(created + ?2, ?1 + ?3) WHERE id = ?4 AND expires > ?1 AND used <= ?5',
    tx.now,
    LOGIN.maxMs,
    LOGIN.idleMs,
    id,
    tx.now - USED_MS,
  )
}
