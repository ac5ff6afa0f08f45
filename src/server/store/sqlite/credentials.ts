import { BusError, type Labels, newId, type Role } from '../../../protocol/index.ts'
import type { Actor } from '../audit.ts'
import type { Credential, NewCredential } from '../credential.ts'
import { shutOut } from './agents.ts'
import { dropLogins } from './logins.ts'
import { addToken, isNoted, noteUse, refuseKnown } from './tokens.ts'
import type { Tx } from './tx.ts'

interface Row {
  id: string
  role: Role
  name: string
  labels: string
}

const GOOD = '(t.expires IS NULL OR t.expires > ?) AND t.ended IS NULL AND c.revoked IS NULL'
const CREDENTIALS = `SELECT c.id, c.role, c.name, c.labels, t.id AS token, t.used, t.expires FROM credential c JOIN token t ON t.credential_id = c.id
  WHERE ${GOOD}`

export function findCredential(tx: Tx, tokenHash: string): Credential | null {
  const row = tx.db.get<Row & { token: number; used: number | null; expires: number | null }>(
    `${CREDENTIALS} AND t.hash = ?`,
    tx.now,
    tokenHash,
  )
  if (row === undefined) return null
  if (tx.writable && !isNoted(tx, row.used)) noteUse(tx, [row.token])
  const { token, expires } = row
  return { ...credentialOf(row, token), ...(expires === null ? {} : { expires }) }
}

/** For the audit trail: somebody has a token that was taken from them, or came late. */
export function endedCredential(tx: Tx, tokenHash: string): (Actor & { how: 'revoked' | 'expired' }) | null {
  const row = tx.db.get<Row & { revoked: number | null }>(
    `SELECT c.id, c.role, c.name, c.labels, c.revoked FROM token t JOIN credential c ON c.id = t.credential_id
     WHERE t.hash = ?`,
    tokenHash,
  )
  if (row === undefined) return null
  const { id, role, name, revoked } = row
  return { credentialId: id, role, name, address: '', how: revoked === null ? 'expired' : 'revoked' }
}

/** A good one of this role and name: for those that the server itself makes. */
export function namedCredential(tx: Tx, role: Role, name: string): Credential | null {
  const row = tx.db.get<Row>(`${CREDENTIALS} AND c.role = ? AND c.name = ? LIMIT 1`, tx.now, role, name)
  return row === undefined ? null : credentialOf(row, null)
}

function credentialOf({ id, role, name, labels }: Row, token: number | null): Credential {
  return { id, role, name, labels: JSON.parse(labels) as Labels, token }
}

export function createCredential(tx: Tx, ask: NewCredential): Credential {
  const { role, name, labels, tokenHash, expiresMs = null } = ask
  refuseKnown(tx, tokenHash)
  const id = newId()
  tx.db.run(
    'INSERT INTO credential (id, role, name, labels, created) VALUES (?, ?, ?, ?, ?)',
    id,
    role,
    name,
    JSON.stringify(labels),
    tx.now,
  )
  return { id, role, name, labels, token: addToken(tx, id, tokenHash, expiresMs) }
}

/** Once is for good; a second time changes nothing. The last admin stays: nobody could ever let anybody in again. */
export function revokeCredential(tx: Tx, id: string): void {
  const row = credentialRow(tx, id)
  if (row.revoked !== null) return
  if (row.role === 'admin' && isLastAdmin(tx, id)) throw new BusError('bad_request', 'the last admin cannot be revoked')
  tx.db.run('UPDATE credential SET revoked = ? WHERE id = ?', tx.now, id)
  dropLogins(tx, id)
  tx.db.run('UPDATE token SET ended = ? WHERE credential_id = ? AND ended IS NULL', tx.now, id)
  const agents = shutOut(tx, id, 'the credential of its agent was revoked')
  tx.changes.push({ kind: 'revoked', credentialId: id, agents })
}

export function credentialRow(
  tx: Tx,
  id: string,
): { id: string; role: Role; labels: string; revoked: number | null; enrolled: string | null } {
  const row = tx.db.get<ReturnType<typeof credentialRow>>(
    'SELECT id, role, labels, revoked, enrolled FROM credential WHERE id = ?',
    id,
  )
  if (row === undefined) throw new BusError('not_found', `there is no credential ${id}`)
  return row
}

function isLastAdmin(tx: Tx, id: string): boolean {
  const other = "SELECT 1 FROM credential WHERE role = 'admin' AND revoked IS NULL AND id <> ? LIMIT 1"
  return tx.db.get(other, id) === undefined
}
