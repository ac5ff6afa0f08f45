import { BusError } from '../../../protocol/index.ts'
import type { Rotated, Rotation } from '../credential.ts'
import { shutOut } from './agents.ts'
import { credentialRow } from './credentials.ts'
import { dropLogins } from './logins.ts'
import { addToken, hasToken, lifetimeOf, refuseKnown } from './tokens.ts'
import type { Tx } from './tx.ts'

interface Ending {
  id: number
  credential_id: string
}

/** Of one sweep; the rest comes with the next. */
const BATCH = 500
const DUE = 'SELECT id, credential_id FROM token WHERE expires <= ? AND ended IS NULL'

/** Another token for a credential, also for one that has expired; those before it end with the overlap. */
export function rotateToken(tx: Tx, id: string, ask: Rotation): Rotated {
  const { role, revoked } = credentialRow(tx, id)
  if (revoked !== null) throw new BusError('bad_request', 'a revoked credential gets no other token')
  if (role === 'enrolment') throw new BusError('bad_request', 'an enrolment token is used once: make another one')
  const expiresMs = ask.expiresMs === undefined ? lifetimeOf(tx, id) : ask.expiresMs
  if (role === 'admin' && expiresMs !== null) {
    throw new BusError('bad_request', 'the token of the admin does not expire: nobody could make the next one')
  }
  refuseKnown(tx, ask.tokenHash)
  const until = tx.now + Math.min(ask.overlapMs, expiresMs ?? ask.overlapMs)
  tx.db.run(
    'UPDATE token SET expires = ?1 WHERE credential_id = ?2 AND ended IS NULL AND (expires IS NULL OR expires > ?1)',
    until,
    id,
  )
  addToken(tx, id, ask.tokenHash, expiresMs)
  for (const ending of tx.db.all<Ending>(`${DUE} AND credential_id = ?`, tx.now, id)) endToken(tx, ending)
  return { overlap: new Date(until), expires: expiresMs === null ? null : new Date(tx.now + expiresMs) }
}

/** What has expired since the last sweep. */
export function endTokens(tx: Tx): void {
  const due = tx.db.all<Ending>(`${DUE} ORDER BY expires LIMIT ${BATCH}`, tx.now)
  for (const ending of due) endToken(tx, ending)
}

/** With its last token a credential is over, until somebody rotates it: nothing is written in its name any more. */
function endToken(tx: Tx, { id, credential_id: credentialId }: Ending): void {
  tx.db.run('UPDATE token SET ended = ? WHERE id = ?', tx.now, id)
  const last = !hasToken(tx, credentialId)
  if (last) dropLogins(tx, credentialId)
  const agents = last ? shutOut(tx, credentialId, 'the credential of its agent has expired') : []
  tx.changes.push({ kind: 'token', id, credentialId, last, agents })
}
