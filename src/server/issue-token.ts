import {
  BusError,
  LabelKey,
  type Labels,
  METHODS,
  type ParamsOf,
  type ResultOf,
  type Role,
  TOKENS,
} from '../protocol/index.ts'
import { INTERNAL_PREFIX } from './queue/index.ts'
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
  checkLabels(role, labels)
  if (enrol && role !== 'agent') throw new BusError('bad_request', 'only agents enrol')
  const { expiresMs = enrol ? TOKENS.enrolmentMs : null } = read.data
  if (enrol && expiresMs === null) throw new BusError('bad_request', 'an enrolment token expires')
  const token = newToken(enrol ? 'dre' : 'drl')
  const kind = enrol ? 'enrolment' : role
  const { id } = await store.createCredential({ role: kind, name, labels, expiresMs, tokenHash: tokenHash(token) })
  return { id, token }
}

/** They are asked of work as they are: what no work can carry would shut its holder out. */
function checkLabels(role: Role, labels: Labels): void {
  for (const [key, value] of Object.entries(labels)) {
    const named = LabelKey.safeParse(`!${key}`).success && !key.startsWith(INTERNAL_PREFIX)
    if (!named) throw new BusError('bad_request', `${key} cannot be a label of a credential`)
    const any = value === '*' && role === 'agent'
    if (value === '' || (value === '*' && !any)) {
      throw new BusError('bad_request', `the label ${key} of a credential needs a value`)
    }
  }
}
