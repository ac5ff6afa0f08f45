import { BusError, LOGIN } from '../../../protocol/index.ts'
import { hasToken } from './tokens.ts'
import type { Tx } from './tx.ts'

/** Codes and tickets: good once and for a short time. Deleting one is using it. */

export function issueCode(tx: Tx, credentialId: string, code: string): { expires: number } {
  const expires = tx.now + LOGIN.codeMs
  tx.db.run('INSERT INTO login_code (hash, credential_id, expires) VALUES (?, ?, ?)', code, credentialId, expires)
  tx.db.run(
    `DELETE FROM login_code WHERE hash IN (
       SELECT hash FROM login_code WHERE credential_id = ? ORDER BY expires DESC LIMIT -1 OFFSET ?)`,
    credentialId,
    LOGIN.codes,
  )
  return { expires }
}

/** Whose code it was, if that credential is still good. */
export function takeCode(tx: Tx, code: string): string | null {
  const row = tx.db.get<{ id: string }>(
    `SELECT c.id FROM login_code k JOIN credential c ON c.id = k.credential_id
     WHERE k.hash = ? AND k.expires > ? AND c.revoked IS NULL`,
    code,
    tx.now,
  )
  tx.db.run('DELETE FROM login_code WHERE hash = ?', code)
  return row !== undefined && hasToken(tx, row.id) ? row.id : null
}

export function issueTicket(tx: Tx, login: string, ticket: string): void {
  const there = tx.db.get('SELECT 1 FROM login WHERE id = ?', login)
  if (there === undefined) throw new BusError('forbidden', 'the login has ended', { retry: 'reauth' })
  tx.db.run('INSERT INTO ticket (hash, login, expires) VALUES (?, ?, ?)', ticket, login, tx.now + LOGIN.ticketMs)
  tx.db.run(
    'DELETE FROM ticket WHERE hash IN (SELECT hash FROM ticket WHERE login = ? ORDER BY expires DESC LIMIT -1 OFFSET ?)',
    login,
    LOGIN.tickets,
  )
}

export function takeTicket(tx: Tx, login: string, ticket: string): boolean {
  return tx.db.run('DELETE FROM ticket WHERE hash = ? AND login = ? AND expires > ?', ticket, login, tx.now) === 1
}

/** What nobody has used in its time. */
export function forgetSecrets(tx: Tx): void {
  tx.db.run('DELETE FROM login_code WHERE expires <= ?', tx.now)
  tx.db.run('DELETE FROM ticket WHERE expires <= ?', tx.now)
}
