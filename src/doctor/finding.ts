import type { CheckName, FaultCode } from './faults.ts'

/** A fault by its name, and what would mend it. Neither an agent nor a command gets through a `failed` one. */
export interface Fault {
  readonly status: 'failed' | 'warning'
  /** For scripts. */
  readonly code: FaultCode
  /** For people: what was seen. */
  readonly found: string
  /** For people: what to do about it, or whom to ask. */
  readonly mend: string
}

/**
 * `skipped`: there is nothing to look at; `untried`: something before it stands in the way; `found` says which. Where nothing
 * after it can be tried, `rest` says why that is.
 */
interface Calm {
  readonly status: 'ok' | 'skipped' | 'untried'
  readonly found: string
  readonly rest?: string
}

export type Outcome = Calm | Fault

/** One check, made or skipped. */
export type Finding = Outcome & {
  readonly check: CheckName
  /** How long it took. */
  readonly ms: number
}

export function ok(found: string, rest?: string): Outcome {
  return rest === undefined ? { status: 'ok', found } : { status: 'ok', found, rest }
}

export function skipped(found: string, rest?: string): Outcome {
  return rest === undefined ? { status: 'skipped', found } : { status: 'skipped', found, rest }
}

export function untried(why: string): Outcome {
  return { status: 'untried', found: why }
}

export function failed(code: FaultCode, found: string, mend: string): Fault {
  return { status: 'failed', code, found, mend }
}

export function warning(code: FaultCode, found: string, mend: string): Fault {
  return { status: 'warning', code, found, mend }
}
