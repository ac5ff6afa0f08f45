import { createRoute, z } from '@hono/zod-openapi'
import { METHODS, toPlain } from '../../../protocol/index.ts'
import { type Api, call, may } from '../call.ts'
import { about, answers, json, PAGE } from '../routing.ts'
import { Trail } from '../schemas.ts'

const { credential, action } = METHODS.audit.params.shape

const trail = createRoute({
  ...about('audit', 'server'),
  method: 'get',
  path: '/api/audit',
  middleware: may('audit'),
  request: {
    query: z.strictObject({
      ...PAGE,
      since: z
        .string()
        .regex(/^\d{1,15}$/, 'must be milliseconds since 1970')
        .transform(Number)
        .optional()
        .openapi({ type: 'integer', description: 'Not before this time, in milliseconds since 1970.' }),
      credential,
      action,
    }),
  },
  responses: answers({ 200: json(Trail, 'A page, newest first.') }),
})

export function auditRoutes(api: Api): void {
  api.openapi(trail, async (c) => {
    const asked = Object.entries(c.req.valid('query')).filter(([, value]) => value !== undefined)
    return c.json(toPlain(await call(c, 'audit', Object.fromEntries(asked))), 200)
  })
}
