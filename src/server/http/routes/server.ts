import { createRoute, z } from '@hono/zod-openapi'
import type { Api } from '../call.ts'
import { documentOf } from '../document.ts'
import { answers, json } from '../routing.ts'

/** What the probes ask. */
export interface Health {
  /** Why this server is not ready, or undefined if it is. */
  notReady(): Promise<string | undefined>
}

const RETRY_S = '5'

const open = { method: 'get' as const, tags: ['server'], security: [] }

const alive = createRoute({
  ...open,
  path: '/healthz',
  operationId: 'healthz',
  description: 'Whether the process answers at all.',
  responses: { 200: json(z.object({ status: z.literal('alive') }), 'It does.') },
})

const ready = createRoute({
  ...open,
  path: '/readyz',
  operationId: 'readyz',
  description: 'Whether the server takes work: it is open, and its store can be read and written.',
  responses: {
    200: json(z.object({ status: z.literal('ready') }), 'It does.'),
    503: json(z.object({ status: z.literal('not ready'), reason: z.string() }), 'Not now; `reason` says why.'),
  },
})

const document = createRoute({
  method: 'get',
  path: '/api/openapi.json',
  tags: ['server'],
  operationId: 'openapi',
  description: 'This document.',
  responses: answers({ 200: json(z.record(z.string(), z.unknown()), 'OpenAPI 3.1.') }),
})

export function serverRoutes(api: Api, health: Health): void {
  let made: object | undefined
  api.openapi(alive, (c) => c.json({ status: 'alive' } as const, 200))
  api.openapi(ready, async (c) => {
    const reason = await health.notReady()
    if (reason === undefined) return c.json({ status: 'ready' } as const, 200)
    c.header('retry-after', RETRY_S)
    return c.json({ status: 'not ready', reason } as const, 503)
  })
  api.openapi(document, (c) => {
    made ??= documentOf(api)
    return c.json({ ...made }, 200)
  })
}
