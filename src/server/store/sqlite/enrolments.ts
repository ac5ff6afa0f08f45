import { BusError, type Labels } from '../../../protocol/index.ts'
import { createCredential, credentialRow } from './credentials.ts'
import { hasToken } from './tokens.ts'
import type { Tx } from './tx.ts'

/**
 * A machine gets the credential that it has made the token of. Once for each enrolment: the same pair again is the same
 * answer, for as long as a key would be remembered.
 */
export function enrol(
  tx: Tx,
  enrolmentId: string,
  { name, tokenHash }: { name: string; tokenHash: string },
): { id: string } {
  const { role, labels, revoked, enrolled } = credentialRow(tx, enrolmentId)
  if (role !== 'enrolment' || revoked !== null || !hasToken(tx, enrolmentId)) {
    throw new BusError('forbidden', 'this enrolment token is not good any more', { retry: 'reauth' })
  }
  if (enrolled !== null) return repeated(tx, enrolled, tokenHash)
  const { id } = createCredential(tx, { role: 'agent', name, labels: JSON.parse(labels) as Labels, tokenHash })
  tx.db.run('UPDATE credential SET enrolled = ? WHERE id = ?', id, enrolmentId)
  tx.db.run('UPDATE token SET expires = ? WHERE credential_id = ?', tx.now + tx.timings.keyMs, enrolmentId)
  return { id }
}

function repeated(tx: Tx, enrolled: string, tokenHash: string): { id: string } {
  const same = tx.db.get('SELECT 1 FROM token WHERE credential_id = ? AND hash = ?', enrolled, tokenHash)
  if (same === undefined) throw new BusError('conflict', 'this enrolment token has been used: make another one')
  if (!hasToken(tx, enrolled)) throw new BusError('forbidden', 'what it was exchanged for has ended: make another one')
  return { id: enrolled }
}
