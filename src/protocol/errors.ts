import { MESSAGE } from './limits.ts'

/** Every error code of the wire. */
export const ERROR_CODES = [
  'bad_request',
  'unknown_method',
  'forbidden',
  'not_found',
  'stale_lease',
  'already_done',
  'too_large',
  'rate_limited',
  'busy',
  'draining',
  'canceled',
  'deadline',
  'unavailable',
  'internal',
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

/** `never`: the same call will fail again. `later`: it may succeed. `reauth`: with another credential. */
export type Retry = 'never' | 'later' | 'reauth'
/** What the failed call has done: `none` nothing, `applied` it happened, `unknown` it may have. */
export type Outcome = 'none' | 'applied' | 'unknown'

/** A place in a submitted file, or a parameter that was wrong. */
export interface ErrorDetail {
  file?: string | undefined
  line?: number | undefined
  column?: number | undefined
  message: string
}

/** What an `error` frame carries. */
export interface ErrorBody {
  code: ErrorCode
  message: string
  retry: Retry
  outcome: Outcome
  retryAfterMs?: number | undefined
  details?: ErrorDetail[] | undefined
}

export interface BusErrorOptions {
  retry?: Retry
  outcome?: Outcome
  retryAfterMs?: number
  details?: ErrorDetail[]
}

const LATER: ReadonlySet<ErrorCode> = new Set(['rate_limited', 'busy', 'draining', 'deadline', 'unavailable'])

/** The first family of errors: the call is answered and the connection goes on. */
export class BusError extends Error {
  override readonly name = 'BusError'
  readonly code: ErrorCode
  readonly retry: Retry
  readonly outcome: Outcome
  readonly retryAfterMs: number | undefined
  readonly details: ErrorDetail[] | undefined

  constructor(code: ErrorCode, message: string, options: BusErrorOptions = {}) {
    super(clip(message))
    this.code = code
    this.retry = options.retry ?? (LATER.has(code) ? 'later' : 'never')
    this.outcome = options.outcome ?? (code === 'internal' || code === 'deadline' ? 'unknown' : 'none')
    this.retryAfterMs = options.retryAfterMs
    this.details = options.details?.slice(0, 20)
  }

  static from(body: ErrorBody): BusError {
    const { code, message, ...rest } = body
    return new BusError(code, message, definedOnly(rest))
  }

  toBody(): ErrorBody {
    return definedOnly({
      code: this.code,
      message: this.message,
      retry: this.retry,
      outcome: this.outcome,
      retryAfterMs: this.retryAfterMs,
      details: this.details,
    }) as ErrorBody
  }
}

/** The second family: the connection is closed with this code; `reason` is for people. */
export class CloseError extends Error {
  override readonly name = 'CloseError'
  readonly code: number
  readonly reason: string

  constructor(code: number, reason: string) {
    super(`${code} ${reason}`)
    this.code = code
    this.reason = clipBytes(reason, 123)
  }
}

/** The agent no longer owns this lease: stop the work and report nothing. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
  readonly lease: string

  constructor(lease: string, reason: string) {
    super(`the lease is lost: ${reason}`)
    this.lease = lease
  }
}

/** Cuts a text to what an `error` frame may carry. */
export function clip(text: string): string {
  return text.length <= MESSAGE.errorText ? text : `${text.slice(0, MESSAGE.errorText - 1)}…`
}

/** Cuts a text to so many UTF-8 bytes: the wire limits a close reason by bytes, not characters. */
export function clipBytes(text: string, most: number): string {
  const bytes = new TextEncoder().encode(text)
  if (bytes.length <= most) return text
  return new TextDecoder().decode(bytes.subarray(0, most)).replace(/\uFFFD+$/u, '')
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Drops the keys whose value is undefined, so that exact optional types and JSON agree. */
function definedOnly<T extends object>(value: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Partial<Defined<T>>
}
