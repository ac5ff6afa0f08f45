import { createRoute, z } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { every, except } from 'hono/combine'
import { BusError, mayCall } from '../../protocol/index.ts'
import { beyond } from '../dispatch.ts'
import { isScoped, scopeOf } from '../scope.ts'
import type { Api, Env } from './call.ts'
import { type GuardOptions, guard } from './guard.ts'
import { answers } from './routing.ts'
import { isLoopback } from './trusted.ts'

/** What proxies add, also those that nobody named: then the peer is one on this machine, and whoever asks may be anybody. */
const FORWARDED = /^(forwarded|via|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip|x-forwarded-.*)$/
/** The name it is asked by: a page from elsewhere, whose name was made to point here, is told apart by it. */
const LOCAL_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i

const route = createRoute({
  method: 'get',
  path: '/metrics',
  tags: ['server'],
  operationId: 'metrics',
  description:
    'What the server counts, for Prometheus; docs/metrics.md explains each. For viewers; without a credential from the ' +
    'server’s own machine, unless a proxy has passed the request on.',
  responses: answers({ 200: { description: 'All of it.', content: { 'text/plain': { schema: z.string() } } } }),
})

export function metricsRoutes(api: Api, options: GuardOptions): void {
  const { core } = options
  api.use('/metrics', except(isLocal, every(guard(options), mayRead)))
  api.openapi(route, async (c) => {
    const { type, body } = await core.metrics.text()
    return c.text(body, 200, { 'content-type': type })
  })
}

const mayRead: MiddlewareHandler<Env> = async (c, next) => {
  const credential = c.get('credential')
  if (!mayCall(credential.role, 'viewer')) throw new BusError('forbidden', 'the metrics are not for an agent')
  if (isScoped(scopeOf(credential))) throw beyond('/metrics')
  await next()
}

/** Whoever shows a credential is asked for a good one, here too. */
function isLocal(c: Context<Env>): boolean {
  const { headers } = c.env.incoming
  const { address, host, proxied } = c.get('whence')
  if (headers.authorization !== undefined || headers.origin !== undefined) return false
  // A trusted proxy may add nothing: all that it passes on would be local.
  if (proxied || !LOCAL_NAME.test(host) || !isLoopback(address)) return false
  return !Object.keys(headers).some((name) => FORWARDED.test(name))
}
