import { createRoute, z } from '@hono/zod-openapi'
import { toShown } from '../../../protocol/index.ts'
import { type Api, call, may } from '../call.ts'
import { about, answers, json, Key, PAGE } from '../routing.ts'
import { Agents, Paused, Queue } from '../schemas.ts'

const agents = createRoute({
  ...about('agents', 'queue'),
  method: 'get',
  path: '/api/agents',
  middleware: may('agents'),
  request: { query: z.strictObject(PAGE) },
  responses: answers({ 200: json(Agents, 'A page, by name.') }),
})

const info = createRoute({
  ...about('queue.info', 'queue'),
  method: 'get',
  path: '/api/queue',
  middleware: may('queue.info'),
  responses: answers({ 200: json(Queue, 'The queue right now.') }),
})

const pause = change('queue.pause', '/api/queue/pause')
const resume = change('queue.resume', '/api/queue/resume')

function change<M extends 'queue.pause' | 'queue.resume', P extends string>(method: M, path: P) {
  return createRoute({
    ...about(method, 'queue'),
    method: 'post',
    path,
    middleware: may(method),
    request: { headers: Key },
    responses: answers({ 200: json(Paused, 'How it is now.') }),
  })
}

export function queueRoutes(api: Api): void {
  api.openapi(agents, async (c) => {
    const { limit, before } = c.req.valid('query')
    const page = await call(c, 'agents', {
      ...(limit === undefined ? {} : { limit }),
      ...(before === undefined ? {} : { before }),
    })
    return c.json({ agents: page.agents.map(toShown), next: page.next }, 200)
  })
  api.openapi(info, async (c) => c.json(toShown(await call(c, 'queue.info', {})), 200))
  api.openapi(pause, async (c) => {
    await call(c, 'queue.pause', {})
    return c.json({ paused: true }, 200)
  })
  api.openapi(resume, async (c) => {
    await call(c, 'queue.resume', {})
    return c.json({ paused: false }, 200)
  })
}
