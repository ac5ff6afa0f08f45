import { BusError, METHODS, type ParamsOf, type ResultOf, TOKENS } from '../protocol/index.ts'
import type { CredentialStore } from './store/credential.ts'
import { newToken, tokenHash } from './tokens.ts'

/** Makes a credential. Its token is told this once and stored hashed. `bad_request` for a name or labels that are none. */
export async function issueToken(
  store: CredentialStore,
  ask: ParamsOf<'token.create'>,
): Promise<ResultOf<'token.create'>> {
  const read = METHODS['token.create'].params.safeParse(ask)
  if (!read.success) throw new BusError('bad_request', read.error.issues[0]?.message ?? 'invalid')
  const { role, name = role, labels = {}, enrol = false } = read.data
  if (role !== 'agent' && Object.keys(labels).length > 0) {
    throw new BusError('bad_request', 'labels are for agents only')
  }
  if (enrol && role !== 'agent') throw new BusError('bad_request', 'only agents enrol')
  const { expiresMs = enrol ? TOKENS.enrolmentMs : null } = read.data
  if (enrol && expiresMs === null) throw new BusError('bad_request', 'an enrolment token expires')
  const token = newToken(enrol ? 'dre' : 'drl')
  const kind = enrol ? 'enrolment' : role
  const { id } = await store.createCredential({ role: kind, name, labels, expiresMs, tokenHash: tokenHash(token) })
  return { id, token }
}
