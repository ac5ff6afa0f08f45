import { LOGIN, mayCall, newId } from '../../../protocol/index.ts'
import type { Login, LoginAsk, Proof } from '../login-store.ts'
import { note } from './audit.ts'
import { findCredential } from './credentials.ts'
import { takeCode } from './login-secrets.ts'
import { endLoginsWhere, expiryOf, findLogin } from './logins.ts'
import type { Tx } from './tx.ts'

export function logIn(tx: Tx, { proof, cookie, before, address }: LoginAsk): Login | null {
  const credentialId = proven(tx, proof)
  if (credentialId === null) return null
  if (before !== undefined) endLoginsWhere(tx, 'hash = ?', before)
  tx.db.run(
    'INSERT INTO login (id, hash, credential_id, created, used, expires) VALUES (?, ?, ?, ?, ?, ?)',
    newId(),
    cookie,
    credentialId,
    tx.now,
    tx.now,
    expiryOf(tx, tx.now),
  )
  const many = 'id IN (SELECT id FROM login WHERE credential_id = ? ORDER BY used DESC, created DESC LIMIT -1 OFFSET ?)'
  endLoginsWhere(tx, many, credentialId, LOGIN.perCredential)
  const login = findLogin(tx, cookie)
  if (login !== null) noteLogin(tx, login, address)
  return login
}

/** Nobody asks in its name yet who could be noted by himself. */
function noteLogin(tx: Tx, { credential: { id, name, role } }: Login, address: string): void {
  note(tx, { credentialId: id, name, role, address }, { action: 'login', subjects: [], outcome: 'ok' })
}

/** Whose proof it is: a credential that is good, and of somebody who may look. */
function proven(tx: Tx, proof: Proof): string | null {
  if ('code' in proof) return takeCode(tx, proof.code)
  const credential = findCredential(tx, proof.token)
  return credential !== null && mayCall(credential.role, 'viewer') ? credential.id : null
}
