import { type ADMIN_METHODS, BusError, SHAPE, TOKENS } from '../../protocol/index.ts'
import type { Handlers } from '../context.ts'
import { issueToken } from '../issue-token.ts'
import { newToken, tokenHash } from '../tokens.ts'
import { fitting } from './fitting.ts'

/** Who may come in. A key that is remembered would keep the secret: a repeat makes a second token instead. */
export const ADMIN_HANDLERS: Handlers<keyof typeof ADMIN_METHODS> = {
  'token.create': ({ core }, params) => issueToken(core.store, params),

  'token.list': ({ core }, { limit = SHAPE.page, after }) =>
    fitting('token.list', limit, (fewer) =>
      core.store.listCredentials({ limit: fewer, ...(after === undefined ? {} : { after }) }),
    ),

  'token.rotate': async ({ core }, { id, overlapMs = TOKENS.overlapMs, expiresMs }) => {
    const token = newToken()
    const lifetime = expiresMs === undefined ? {} : { expiresMs }
    const { overlap, expires } = await core.store.rotateToken(id, {
      tokenHash: tokenHash(token),
      overlapMs,
      ...lifetime,
    })
    return { id, token, overlap: overlap.getTime(), expires: expires?.getTime() ?? null }
  },

  'token.revoke': async ({ core, credential }, { id }) => {
    if (id === credential.id) throw new BusError('bad_request', 'a credential cannot revoke itself')
    await core.revocations.end(id, () => core.store.revokeCredential(id))
    return {}
  },

  audit: async () => {
    throw new BusError('unavailable', 'there is no audit trail yet')
  },
}
