import { createRoute, z } from '@hono/zod-openapi'
import { CANCEL_REASON, definedOnly, type Labels, METHODS, toShown } from '../../../protocol/index.ts'
import { unknownWorkflow } from '../../workflow-of.ts'
import { jsonOf } from '../body.ts'
import { type Api, call, may } from '../call.ts'
import { about, answers, json, Key, PAGE, several, WorkflowId } from '../routing.ts'
import { Canceled, Detail, Reasons, Workflow, Workflows } from '../schemas.ts'

const REASON_BYTES = 64 * 1024

const CancelBody = z
  .strictObject({ reason: METHODS.cancel.params.shape.reason.optional() })
  .openapi('CancelBody', { example: { reason: 'wrong branch' } })

const list = createRoute({
  ...about('list', 'workflows'),
  method: 'get',
  path: '/api/workflows',
  middleware: may('list'),
  request: {
    query: z.strictObject({
      ...PAGE,
      state: several(
        METHODS.list.params.shape.state.unwrap().element,
        'Only in this state; may be given several times.',
      ),
      text: METHODS.list.params.shape.text,
      label: several(
        z.string().regex(/=/, 'must be key=value'),
        'Only with this label, as `key=value`; may be given several times.',
      ),
    }),
  },
  responses: answers({ 200: json(Workflows, 'A page, newest first, without steps.') }),
})

const get = createRoute({
  ...about('get', 'workflows'),
  method: 'get',
  path: '/api/workflows/{id}',
  middleware: may('get'),
  request: { params: WorkflowId },
  responses: answers({ 200: json(Detail, 'The workflow with its steps.') }, 404),
})

const explain = createRoute({
  ...about('explain', 'workflows'),
  method: 'get',
  path: '/api/workflows/{id}/explain',
  middleware: may('explain'),
  request: { params: WorkflowId },
  responses: answers({ 200: json(Reasons, 'Empty if nothing holds it up.') }, 404),
})

const cancel = createRoute({
  ...about('cancel', 'workflows'),
  method: 'post',
  path: '/api/workflows/{id}/cancel',
  middleware: may('cancel'),
  request: {
    params: WorkflowId,
    headers: Key,
    body: { required: false, content: { 'application/json': { schema: { $ref: '#/components/schemas/CancelBody' } } } },
  },
  responses: answers({ 200: json(Canceled, 'Its state now. One that had ended stays as it is.') }, 404, 409, 413),
})

const requeue = createRoute({
  ...about('requeue', 'workflows'),
  method: 'post',
  path: '/api/workflows/{id}/requeue',
  middleware: may('requeue'),
  request: { params: WorkflowId, headers: Key },
  responses: answers({ 200: json(Workflow, 'The workflow, back in the queue.') }, 404, 409),
})

export function workflowRoutes(api: Api): void {
  api.openAPIRegistry.register('CancelBody', CancelBody)
  api.openapi(list, async (c) => {
    const { label, ...page } = c.req.valid('query')
    const labels = label === undefined ? undefined : labelsOf(label)
    const { workflows, next } = await call(c, 'list', definedOnly({ ...page, labels }))
    return c.json({ workflows: workflows.map(toShown), next }, 200)
  })
  api.openapi(get, async (c) => c.json(toShown(await call(c, 'get', c.req.valid('param'))), 200))
  api.openapi(explain, async (c) => c.json(await call(c, 'explain', c.req.valid('param')), 200))
  api.openapi(cancel, async (c) => {
    const { id } = c.req.valid('param')
    const { reason = CANCEL_REASON } = await jsonOf(c, CancelBody, REASON_BYTES)
    const [workflow] = (await call(c, 'cancel', { ids: [id], reason })).workflows
    const state = workflow?.state ?? null
    if (state === null) throw unknownWorkflow(id)
    return c.json({ id, state }, 200)
  })
  api.openapi(requeue, async (c) => c.json(toShown(await call(c, 'requeue', c.req.valid('param'))), 200))
}

function labelsOf(pairs: readonly string[]): Labels {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}
