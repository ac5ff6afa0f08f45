import { type ADMIN_METHODS, BusError, SHAPE, TOKENS } from '../../protocol/index.ts'
import { type Handlers, theirStore } from '../context.ts'
import { fitting } from '../fitting.ts'
import { issueToken } from '../issue-token.ts'
import { newToken, tokenHash } from '../tokens.ts'

/** The one admin's name, which stands for its id. */
const ADMIN = 'admin'

/** Who replaces the token that they ask with must still hear the answer. */
const OWN_MS = 10_000

/** Who may come in. A key that is remembered would keep the secret: a repeat makes a second token instead. */
export const ADMIN_HANDLERS: Handlers<keyof typeof ADMIN_METHODS> = {
  'token.create': (context, params) => issueToken(theirStore(context), params),

  'token.list': ({ core }, { limit = SHAPE.page, after }) =>
    fitting('token.list', limit, (fewer) => core.store.listCredentials({ limit: fewer, after })),

  'token.rotate': async (context, { id, overlapMs = TOKENS.overlapMs, expiresMs }) => {
    const { core } = context
    const admin = await core.store.namedCredential(ADMIN, ADMIN)
    const isAdmin = id === ADMIN || id === admin?.id
    const whose = isAdmin && admin !== null ? admin.id : id
    const token = newToken()
    const own = whose === context.credential.id ? OWN_MS : 0
    const ask = { tokenHash: tokenHash(token), overlapMs: Math.max(overlapMs, own), expiresMs }
    const rotate = () => theirStore(context).rotateToken(whose, ask)
    const { overlap, expires } = await (isAdmin ? core.adminToken.replace(token, rotate) : rotate())
    return { id: whose, token, overlap: overlap.getTime(), expires: expires?.getTime() ?? null }
  },

  'token.revoke': async (context, { id }) => {
    const { core, credential } = context
    if (id === credential.id) throw new BusError('bad_request', 'a credential cannot revoke itself')
    await core.revocations.end(id, () => theirStore(context).revokeCredential(id))
    return {}
  },

  audit: ({ core }, { limit = SHAPE.page, ...only }) =>
    fitting('audit', limit, (fewer) => core.store.audit({ ...only, limit: fewer })),
}
