import { z } from '@hono/zod-openapi'
import { FRAMES, Id, METHODS, type MethodName, SHAPE } from '../../protocol/index.ts'

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
export function several<T extends z.ZodType<unknown, string>>(item: T, description: string) {
  return z
    .preprocess((given) => (typeof given === 'string' ? [given] : given), z.array(item))
    .optional()
    .openapi({ description })
}

const RETRY_AFTER = { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' as const } } }

/** Every refusal there is, once in the document. */
export const REFUSALS = {
  400: { name: 'BadRequest', description: 'The request does not fit; `message` says what, `details` where.' },
  401: { name: 'Unauthorized', description: 'No credential, or one that is unknown or revoked: it is not said which.' },
  403: {
    name: 'Forbidden',
    description: 'The credential may not do this, or the request comes from a page that is not the server’s own.',
  },
  404: { name: 'NotFound', description: 'There is no such thing.' },
  409: {
    name: 'Conflict',
    description: 'It fits, but not what has happened before, such as a key used for something else.',
  },
  413: { name: 'TooLarge', description: 'The body, or what is made of it, is too large.' },
  429: { name: 'TooManyRequests', description: 'Too many wrong credentials from this address.', headers: RETRY_AFTER },
  500: { name: 'Internal', description: 'A fault of the server; its log says which.' },
  503: { name: 'Unavailable', description: 'Not now: the server drains, or its store fails.', headers: RETRY_AFTER },
} as const

/** Answers of a route behind the credential: its success, and every refusal it may meet. */
export function answers<Success extends object>(success: Success, ...more: (keyof typeof REFUSALS)[]) {
  const codes = [400, 401, 403, ...more, 429, 500, 503] as const
  const refusals = codes.map((status) => [status, { $ref: `#/components/responses/${REFUSALS[status].name}` }])
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
