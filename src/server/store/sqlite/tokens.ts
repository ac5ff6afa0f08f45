import { BusError } from '../../../protocol/index.ts'
import type { Tx } from './tx.ts'

/** The time of use is for people: written once a minute, not with every connection of a fleet. */
const USED_MS = 60_000

/** Answers its number. `expiresMs`: from now, null for never. */
export function addToken(tx: Tx, credentialId: string, hash: string, expiresMs: number | null): number {
  const row = tx.db.returning<{ id: number }>(
    'INSERT INTO token (credential_id, hash, created, expires) VALUES (?, ?, ?, ?) RETURNING id',
    credentialId,
    hash,
    tx.now,
    expiresMs === null ? null : tx.now + expiresMs,
  )
  if (row === undefined) throw new Error('what was inserted has a row')
  return row.id
}

/** A token serves one credential, also after it has ended. */
export function refuseKnown(tx: Tx, hash: string): void {
  const known = tx.db.get('SELECT 1 FROM token WHERE hash = ?', hash)
  if (known !== undefined) throw new BusError('bad_request', 'this token is in use', { retry: 'reauth' })
}

/** Whether a credential has a token that is good. */
export function hasToken(tx: Tx, credentialId: string): boolean {
  const good =
    'SELECT 1 FROM token WHERE credential_id = ? AND ended IS NULL AND (expires IS NULL OR expires > ?) LIMIT 1'
  return tx.db.get(good, credentialId, tx.now) !== undefined
}

/** How long its newest token was made for; null: for ever. */
export function lifetimeOf(tx: Tx, credentialId: string): number | null {
  const newest = tx.db.get<{ ms: number | null }>(
    'SELECT expires - created AS ms FROM token WHERE credential_id = ? ORDER BY id DESC LIMIT 1',
    credentialId,
  )
  return newest?.ms ?? null
}

export function isNoted(tx: Tx, used: number | null): boolean {
  return used !== null && tx.now - used < USED_MS
}

/** Noted for all that were in use of late, in one write; one that was noted a moment ago is left alone. */
export function noteUse(tx: Tx, ids: readonly number[]): void {
  for (const id of ids) {
    tx.db.run(
      'UPDATE token SET used = ?1 WHERE id = ?2 AND ended IS NULL AND (used IS NULL OR used <= ?3)',
      tx.now,
      id,
      tx.now - USED_MS / 2,
    )
  }
}
