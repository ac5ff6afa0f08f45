import { definedOnly } from './defined.ts'
import { MESSAGE } from './limits.ts'

/** Every error code of the wire. */
export const ERROR_CODES = [
  'bad_request',
  'unknown_method',
  'forbidden',
  'not_found',
  'stale_lease',
  'already_done',
  'conflict',
  'too_large',
  'rate_limited',
  'busy',
  'draining',
  'canceled',
  'deadline',
  'unavailable',
  'internal',
] as const
/** One of them; `docs/protocol.md` says when each is used. */
export type ErrorCode = (typeof ERROR_CODES)[number]

/** `never`: the same call will fail again. `later`: it may succeed. `reauth`: with another credential. */
export type Retry = 'never' | 'later' | 'reauth'
/** What the failed call has done: `none` nothing, `applied` it happened, `unknown` it may have. */
export type Outcome = 'none' | 'applied' | 'unknown'

/** A place in a submitted file, or a parameter that was wrong. */
export interface ErrorDetail {
  /** Name of the file, if there was one. */
  file?: string | undefined
  /** From 1. */
  line?: number | undefined
  /** From 1. */
  column?: number | undefined
  /** For people. */
  message: string
}

/** What an `error` frame carries. */
export interface ErrorBody {
  /** For programs. */
  code: ErrorCode
  /** For people, at most 256 characters. */
  message: string
  /** Whether the same call may succeed. */
  retry: Retry
  /** What the failed call has done. */
  outcome: Outcome
  /** With `later`: not before so many milliseconds. */
  retryAfterMs?: number | undefined
  /** At most 20 places that are wrong. */
  details?: ErrorDetail[] | undefined
}

/** What an error says beside its code; each has a default that follows from the code. */
export interface BusErrorOptions {
  /** Default: `later` for what passes (`rate_limited`, `busy`, `draining`, `deadline`, `unavailable`), else `never`. */
  retry?: Retry
  /** Default: `unknown` for `internal` and `deadline`, else `none`. */
  outcome?: Outcome
  /** Milliseconds. */
  retryAfterMs?: number
  /** The first 20 are kept. */
  details?: ErrorDetail[]
}

const LATER: ReadonlySet<ErrorCode> = new Set(['rate_limited', 'busy', 'draining', 'deadline', 'unavailable'])

/** The first family of errors: the call is answered and the connection goes on. */
export class BusError extends Error {
  override readonly name = 'BusError'
  /** For programs; the message is for people. */
  readonly code: ErrorCode
  /** Whether the same call may succeed. */
  readonly retry: Retry
  /** What the failed call has done. */
  readonly outcome: Outcome
  /** With `later`: not before so many milliseconds. */
  readonly retryAfterMs: number | undefined
  /** The places that are wrong, in a submitted file or in the parameters. */
  readonly details: ErrorDetail[] | undefined

  constructor(code: ErrorCode, message: string, options: BusErrorOptions = {}) {
    super(clip(message))
    this.code = code
    this.retry = options.retry ?? (LATER.has(code) ? 'later' : 'never')
    this.outcome = options.outcome ?? (code === 'internal' || code === 'deadline' ? 'unknown' : 'none')
    this.retryAfterMs = options.retryAfterMs
    this.details = options.details?.slice(0, 20)
  }

  /** As it came in an `error` frame. */
  static from(body: ErrorBody): BusError {
    const { code, message, ...rest } = body
    return new BusError(code, message, definedOnly(rest))
  }

  /** As an `error` frame carries it. */
  toBody(): ErrorBody {
    return definedOnly({
      code: this.code,
      message: this.message,
      retry: this.retry,
      outcome: this.outcome,
      retryAfterMs: this.retryAfterMs,
      details: this.details,
    })
  }
}

/** The second family: the connection is closed with this code; `reason` is for people. */
export class CloseError extends Error {
  override readonly name = 'CloseError'
  /** A WebSocket close code: see `CLOSE`. */
  readonly code: number
  /** At most 123 bytes, which is what the wire carries. */
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
  /** The lease that is gone. */
  readonly lease: string
  /** What is left for the work to stop in, in milliseconds; undefined: the workflow's own grace. */
  readonly graceMs: number | undefined

  constructor(lease: string, reason: string, graceMs?: number) {
    super(`the lease is lost: ${reason}`)
    this.lease = lease
    this.graceMs = graceMs
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
