import type { FaultCode } from './faults.ts'
import { type Fault, failed } from './finding.ts'

/**
 * A fault from the sentence of an error, which says what is wrong and, behind a semicolon, what would mend it; `mend` is for
 * one that does not.
 */
export function faultOf(code: FaultCode, error: unknown, mend: string): Fault {
  const message = error instanceof Error ? error.message : String(error)
  // Whom it was about is what the check is about.
  const [found = '', ...said] = message.replace(/^(?:cannot reach|no answer from) \S.*?: /, '').split('; ')
  return failed(code, found, said.length === 0 ? mend : said.join('; '))
}

/** Nobody answered in time. */
export function isLate(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'AbortError' || error.name === 'TimeoutError' || isLate(error.cause)
}

/** As Node and OpenSSL name what went wrong, at the bottom of it; '' where they do not. */
export function codeOf(error: unknown): string {
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown[] }
  if (errors !== undefined && errors.length > 0) return codeOf(errors[0])
  if (typeof code === 'string') return code
  return cause === undefined || cause === null ? '' : codeOf(cause)
}
