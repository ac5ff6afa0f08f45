import { z } from '@hono/zod-openapi'
import { FRAMES, Id, METHODS, type MethodName, SHAPE } from '../../protocol/index.ts'
import { Problem } from './problem.ts'

/** Parts that routes are made of: parameters and answers, with what the document says of them. */

export const WorkflowId = z.strictObject({
  id: Id.describe('Of the workflow, as `submit` and `list` name it.'),
})

/** An operator's own name for a change: sent again within a day with the same body, it has one effect. */
export const Key = z.object({
  'idempotency-key': FRAMES.request.schema.shape.key.describe(
    'Sent again with the same key and body within 24 hours, the request has one effect and the same answer.',
  ),
})

const { limit, before } = METHODS.list.params.shape

/** What a page is asked by. */
export const PAGE = {
  limit: z
    .string()
    .regex(/^\d{1,6}$/, 'must be a whole number')
    .transform(Number)
    .pipe(limit.unwrap())
    .optional()
    .openapi({
      type: 'integer',
      minimum: 1,
      maximum: SHAPE.pageMax,
      description: `At most so many; ${SHAPE.page} if not given. A page may hold fewer: go on while \`next\` is not null.`,
    }),
  before: before.describe('The `next` of the page before.'),
}

/** `1` or `true`, `0` or `false`. */
export function switchOf(description: string) {
  return z
    .enum(['1', 'true', '0', 'false'])
    .transform((word) => word === '1' || word === 'true')
    .optional()
    .openapi({ type: 'string', enum: ['1', 'true', '0', 'false'], description })
}

/** A parameter that may be given several times. */
export function several<T extends z.ZodType<unknown, string>>(item: T) {
  return z.union([item.transform((one) => [one]), z.array(item)]).optional()
}

const REFUSALS = {
  400: 'The request does not fit; `message` says what, `details` where.',
  401: 'No credential, or one that is unknown or revoked: the three are not told apart.',
  403: 'The credential may not do this, or the request has an `Origin`.',
  404: 'There is no such thing.',
  409: 'It does not go together with what has happened before.',
  413: 'Too large.',
  429: 'Too many wrong credentials from this address. `Retry-After` says how many seconds to wait.',
  503: 'Not now: the server starts, drains or cannot write. `Retry-After` says when to ask again.',
} as const

/** Answers of a route that calls this method: its success, and every refusal it may meet. */
export function answers<Success extends object>(success: Success, ...more: (keyof typeof REFUSALS)[]) {
  const codes = [400, 401, 403, ...more, 429, 503] as const
  const refusals = codes.map((status) => [
    status,
    { description: REFUSALS[status], content: { 'application/json': { schema: Problem } } },
  ])
  return { ...success, ...Object.fromEntries(refusals) } as Success
}

/** A JSON answer. */
export function json<S extends z.ZodType>(schema: S, description: string) {
  return { description, content: { 'application/json': { schema } } }
}

/** What the document says of a route, from the method's own entry. */
export function about<M extends MethodName>(method: M, tag: string) {
  const { about: description, role } = METHODS[method]
  return { description, tags: [tag], operationId: method, 'x-role': role }
}
