import { OpenAPIHono } from '@hono/zod-openapi'
import { except } from 'hono/combine'
import { BusError, firstProblem } from '../../protocol/index.ts'
import type { Api, Env } from './call.ts'
import { shareInDocument } from './document.ts'
import type { Entrance } from './entrance.ts'
import { type GuardOptions, guard, refused } from './guard.ts'
import { LOGIN_PATH, loginRoutes } from './login/routes.ts'
import { metricsRoutes } from './metrics.ts'
import { pageRoutes } from './page.ts'
import { Parser } from './parse/parser.ts'
import { answerError, answerProblem, answerRefusal } from './problem.ts'
import { NO_UPGRADE } from './refuse.ts'
import { auditRoutes } from './routes/audit.ts'
import { logRoutes } from './routes/logs.ts'
import { queueRoutes } from './routes/queue.ts'
import { type Health, serverRoutes } from './routes/server.ts'
import { submitRoutes } from './routes/submit.ts'
import { workflowRoutes } from './routes/workflows.ts'
import { refusalPast, whenceOf } from './whence.ts'

export interface AppOptions extends GuardOptions, Pick<Entrance, 'pages' | 'trusted'> {
  health: Health
}

/** Asked by those who look after machines, from anywhere; they tell nothing. */
const PROBES: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/** The HTTP side: probes, the API and the dashboard. The bus passes beside it. */
export function app(options: AppOptions): Api {
  const { core, health, trusted } = options
  const api: Api = new OpenAPIHono<Env>({
    defaultHook: (result) => {
      if (result.success) return
      throw new BusError('bad_request', `${result.target}${firstProblem(result.error)}`)
    },
  })
  shareInDocument(api)
  api.use(async (c, next) => {
    const whence = whenceOf(c.env.incoming, trusted)
    c.set('whence', whence)
    const refusal = PROBES.has(c.req.path) ? undefined : refusalPast(trusted, whence)
    return refusal === undefined ? next() : refused(c, core, refusal)
  })
  api.use('/api/*', except(LOGIN_PATH, guard(options)))
  serverRoutes(api, health)
  loginRoutes(api, options)
  submitRoutes(api, new Parser({ clock: core.clock }))
  workflowRoutes(api)
  logRoutes(api)
  queueRoutes(api)
  auditRoutes(api)
  metricsRoutes(api, options)
  pageRoutes(api)
  refuseOtherMethods(api)
  api.get('/bus', (c) => answerRefusal(c, NO_UPGRADE))
  api.notFound((c) => {
    const { prefix } = c.get('whence')
    // The page's files are found from its address, which therefore ends with a slash.
    if (prefix !== '' && c.req.path === prefix) return c.redirect(`${prefix}/`, 308)
    return answerProblem(c, 404, 'not_found', 'nothing is here; /api/openapi.json lists what is')
  })
  api.onError((error, c) => {
    if (error instanceof BusError) return answerError(c, error)
    core.log.error({ error, path: c.req.path }, 'a request failed in a way nobody foresaw')
    return answerProblem(c, 500, 'internal', 'an error of the server')
  })
  return api
}

/** A path that is there, asked by a method that is not. */
function refuseOtherMethods(api: Api): void {
  const known = new Map<string, string[]>()
  for (const definition of api.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue
    const { path, method } = definition.route
    const words = method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]
    known.set(path, [...(known.get(path) ?? []), ...words])
  }
  for (const [path, methods] of known) {
    const allow = methods.join(', ')
    api.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) => {
      c.header('allow', allow)
      return answerProblem(c, 405, 'unknown_method', `only ${allow} here`)
    })
  }
}
