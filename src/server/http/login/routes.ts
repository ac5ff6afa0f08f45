import { createRoute, z } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { BusError, Labels, ROLES } from '../../../protocol/index.ts'
import { actorOf } from '../../audit/index.ts'
import type { Login } from '../../store/login-store.ts'
import type { Credential } from '../../store/store.ts'
import { newToken, tokenHash } from '../../tokens.ts'
import { jsonOf } from '../body.ts'
import type { Api, Env } from '../call.ts'
import { type GuardOptions, refused } from '../guard.ts'
import { answers, json } from '../routing.ts'
import { cookieFor, cookieOf, noCookie } from './cookie.ts'

/** The one route of the API whose caller nobody knows yet. */
export const LOGIN_PATH = '/api/login'

const BODY_BYTES = 4 * 1024
const Secret = z.string().regex(/^[\x21-\x7e]{1,512}$/, 'must be printable, without spaces')

const Proof = z
  .union([
    z.strictObject({ token: Secret.describe('Of an operator, a viewer or the admin.') }),
    z.strictObject({ code: Secret.describe('What `drumline login` has printed: good once, for ten minutes.') }),
  ])
  .openapi('Proof')

const Me = z
  .object({
    id: z.string().describe('Of the credential.'),
    role: z.enum(ROLES),
    name: z.string(),
    labels: Labels,
    login: z
      .object({ created: z.int(), expires: z.int().describe('Unless it is used once more before.') })
      .nullable()
      .describe('Null for a token.'),
  })
  .openapi('Me')

const PAGE = { tags: ['login'], security: [{ login: [] }] }

const logIn = createRoute({
  ...PAGE,
  security: [],
  method: 'post',
  path: LOGIN_PATH,
  operationId: 'login',
  description:
    'For pages of this server only: exchanges a token or a code for a cookie. A login that the page had ends.',
  request: { body: { required: true, content: { 'application/json': { schema: Proof } } } },
  responses: answers({ 200: json(Me, 'Who it is now.') }, 413),
})

const logOut = createRoute({
  ...PAGE,
  method: 'post',
  path: '/api/logout',
  operationId: 'logout',
  description: 'Ends the login, and what is connected by it.',
  responses: answers({ 200: json(z.object({}), 'It has ended.') }),
})

const ticket = createRoute({
  ...PAGE,
  method: 'post',
  path: '/api/ticket',
  operationId: 'ticket',
  description: 'A ticket for one connection to the bus by this login, named in `hello` within 30 s.',
  responses: answers({ 200: json(z.object({ ticket: z.string() }), 'Good once.') }),
})

const me = createRoute({
  tags: PAGE.tags,
  method: 'get',
  path: '/api/me',
  operationId: 'me',
  description: 'Who asks, and until when.',
  responses: answers({ 200: json(Me, 'The credential, and the login if there is one.') }),
})

export function loginRoutes(api: Api, options: GuardOptions): void {
  api.use(LOGIN_PATH, pagesOnly(options))
  api.openAPIRegistry.registerPath(logIn)
  api.post(LOGIN_PATH, async (c) => {
    const { core, gate } = options
    const whence = c.get('whence')
    const { address } = whence
    const proof = hashed(await jsonOf(c, Proof, BODY_BYTES))
    const secret = newToken('drs')
    const had = cookieOf(c.req.header('cookie'), whence)
    const before = had === undefined ? undefined : tokenHash(had)
    const admission = await gate.logIn({ proof, cookie: tokenHash(secret), before, address }, address)
    if ('refusal' in admission) return refused(c, core, admission.refusal)
    c.header('set-cookie', cookieFor(secret, whence))
    return c.json(seen(admission.found.credential, admission.found), 200)
  })
  api.openapi(logOut, async (c) => {
    const { core, credential, whence } = c.var
    const login = loginOf(c)
    await core.store.as(actorOf({ credential, address: whence.address })).logOut(login.id)
    c.header('set-cookie', noCookie(c.get('whence')))
    return c.json({}, 200)
  })
  api.openapi(ticket, async (c) => c.json({ ticket: await c.var.core.logins.ticket(loginOf(c).id) }, 200))
  api.openapi(me, (c) => c.json(seen(c.var.credential, c.var.login), 200))
}

/** Whoever asks must be a page of ours, known or not. */
function pagesOnly({ core, gate, pages }: GuardOptions): MiddlewareHandler<Env> {
  return async (c, next) => {
    const shut = gate.shut()
    if (shut !== undefined) return refused(c, core, shut)
    const sight = pages.request(c.env.incoming, c.get('whence'))
    if ('refusal' in sight) return refused(c, core, sight.refusal)
    if (!sight.page) throw new BusError('forbidden', FOR_PAGES)
    return next()
  }
}

const FOR_PAGES = 'this is for pages of this server; a machine uses its token'

function loginOf(c: Context<Env>): Login {
  const { login } = c.var
  if (login === null) throw new BusError('forbidden', FOR_PAGES)
  return login
}

function hashed(proof: z.output<typeof Proof>): { token: string } | { code: string } {
  return 'token' in proof ? { token: tokenHash(proof.token) } : { code: tokenHash(proof.code) }
}

function seen({ id, role, name, labels }: Credential, login: Login | null): z.input<typeof Me> {
  return { id, role, name, labels, login: login && { created: login.created, expires: login.expires } }
}
