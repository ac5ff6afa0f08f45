import { z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { type BusError, ERROR_CODES, type ErrorCode, type ErrorDetail } from '../../protocol/index.ts'
import { type Refusal, refusalHeaders, UNAVAILABLE, UNKNOWN } from './refuse.ts'

/** Each code of the bus as HTTP says it. */
const STATUS = {
  bad_request: 400,
  unknown_method: 405,
  forbidden: 403,
  not_found: 404,
  stale_lease: 409,
  already_done: 409,
  conflict: 409,
  too_large: 413,
  rate_limited: 429,
  busy: 503,
  draining: 503,
  canceled: 503,
  deadline: 503,
  unavailable: 503,
  internal: 500,
} as const satisfies Record<ErrorCode, number>

/** The body of every answer that is no success. */
export const Problem = z
  .object({
    error: z.object({
      code: z.enum(ERROR_CODES),
      message: z.string().describe('For people.'),
      details: z
        .array(
          z.object({
            file: z.string().optional(),
            line: z.int().optional().describe('From 1.'),
            column: z.int().optional().describe('From 1.'),
            message: z.string(),
          }),
        )
        .optional()
        .describe('What is wrong with the files, place by place; at most 20.'),
    }),
  })
  .openapi('Problem')

type Status = (typeof STATUS)[ErrorCode] | Refusal['status']

export function answerProblem(
  c: Context,
  status: Status,
  code: ErrorCode,
  message: string,
  details?: ErrorDetail[],
): Response {
  const error = { code, message, ...(details === undefined ? {} : { details }) }
  return c.json({ error } satisfies z.input<typeof Problem>, status)
}

/** Answers an error of the bus. */
export function answerError(c: Context, error: BusError): Response {
  // Its credential ended while it was asking.
  if (error.retry === 'reauth') return answerRefusal(c, UNKNOWN)
  const { code, message, details, retryAfterMs } = error
  const status = STATUS[code]
  if (status === 503 || status === 429) {
    const seconds = retryAfterMs === undefined ? UNAVAILABLE.retryAfterS : Math.ceil(retryAfterMs / 1000)
    c.header('retry-after', String(seconds))
  }
  return answerProblem(c, status, code, message, details)
}

export function answerRefusal(c: Context, refusal: Refusal): Response {
  for (const [name, value] of Object.entries(refusalHeaders(refusal))) c.header(name, value)
  return answerProblem(c, refusal.status, refusal.code, refusal.message)
}
