import { BusError, type CredentialView, type Labels, newId, type Role } from '../../../protocol/index.ts'
import type { Credential } from '../store.ts'
import { shutOut } from './agents.ts'
import type { Tx } from './tx.ts'
import { dateOf } from './views.ts'

interface Row {
  id: string
  role: Role
  name: string
  labels: string
  created: number
  revoked: number | null
  used: number | null
}

/** The time of use is for people: written once a minute, not with every connection of a fleet. */
const USED_MS = 60_000

export function findCredential(tx: Tx, tokenHash: string): Credential | null {
  const row = tx.db.get<Row>(
    'SELECT id, role, name, labels, used FROM credential WHERE token_hash = ? AND revoked IS NULL',
    tokenHash,
  )
  if (row === undefined) return null
  if (tx.writable && (row.used === null || tx.now - row.used >= USED_MS)) {
    tx.db.run('UPDATE credential SET used = ? WHERE id = ?', tx.now, row.id)
  }
  return { id: row.id, role: row.role, name: row.name, labels: JSON.parse(row.labels) as Labels }
}

export function createCredential(
  tx: Tx,
  ask: { role: Role; name: string; labels: Labels; tokenHash: string },
): { id: string } {
  const taken = tx.db.get('SELECT 1 FROM credential WHERE token_hash = ?', ask.tokenHash)
  if (taken !== undefined) throw new BusError('bad_request', 'this token is in use')
  const id = newId()
  tx.db.run(
    'INSERT INTO credential (id, role, name, labels, token_hash, created) VALUES (?, ?, ?, ?, ?, ?)',
    id,
    ask.role,
    ask.name,
    JSON.stringify(ask.labels),
    ask.tokenHash,
    tx.now,
  )
  return { id }
}

export function listCredentials(tx: Tx): CredentialView[] {
  return tx.db
    .all<Row>('SELECT id, role, name, labels, created, revoked, used FROM credential ORDER BY created, id')
    .map((row) => ({
      id: row.id,
      role: row.role,
      name: row.name,
      labels: JSON.parse(row.labels) as Labels,
      created: new Date(row.created),
      revoked: dateOf(row.revoked),
      lastUsed: dateOf(row.used),
    }))
}

/** Once is for good; a second time changes nothing. The last admin stays: nobody could ever let anybody in again. */
export function revokeCredential(tx: Tx, id: string): void {
  const row = tx.db.get<Pick<Row, 'role' | 'revoked'>>('SELECT role, revoked FROM credential WHERE id = ?', id)
  if (row === undefined) throw new BusError('not_found', `there is no credential ${id}`)
  if (row.revoked !== null) return
  if (row.role === 'admin' && isLastAdmin(tx, id)) throw new BusError('bad_request', 'the last admin cannot be revoked')
  tx.db.run('UPDATE credential SET revoked = ? WHERE id = ?', tx.now, id)
  tx.changes.push({ kind: 'revoked', credentialId: id, agents: shutOut(tx, id) })
}

function isLastAdmin(tx: Tx, id: string): boolean {
  const other = "SELECT 1 FROM credential WHERE role = 'admin' AND revoked IS NULL AND id <> ? LIMIT 1"
  return tx.db.get(other, id) === undefined
}

/** Noted for all that were in use of late, in one write; one that was noted a moment ago is left alone. */
export function noteUse(tx: Tx, ids: readonly string[]): void {
  for (const id of ids) {
    tx.db.run(
      'UPDATE credential SET used = ?1 WHERE id = ?2 AND revoked IS NULL AND (used IS NULL OR used <= ?3)',
      tx.now,
      id,
      tx.now - USED_MS / 2,
    )
  }
}
