import { Hono } from 'hono'
import { MARK } from './refuse.ts'

/** What the probes ask. */
export interface Health {
  /** Why this server is not ready, or undefined if it is. */
  notReady(): Promise<string | undefined>
}

/** The HTTP side: probes, and an honest 404 for the rest. The bus passes beside it. */
export function app(health: Health): Hono {
  const hono = new Hono()
  hono.use(async (context, next) => {
    await next()
    for (const [name, value] of Object.entries(MARK)) context.res.headers.set(name, value)
    context.res.headers.set('cache-control', 'no-store')
    context.res.headers.set('x-content-type-options', 'nosniff')
  })
  hono.get('/healthz', (context) => context.json({ status: 'alive' }))
  hono.get('/readyz', async (context) => {
    const reason = await health.notReady()
    if (reason === undefined) return context.json({ status: 'ready' })
    context.header('retry-after', '5')
    return context.json({ status: 'not ready', reason }, 503)
  })
  hono.notFound((context) => context.json({ error: { code: 'not_found', message: 'nothing is here' } }, 404))
  hono.onError((_error, context) => {
    return context.json({ error: { code: 'internal', message: 'an error of the server' } }, 500)
  })
  return hono
}
