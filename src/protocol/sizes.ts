import { fitsBytes } from './bytes.ts'
import { BusError, type Outcome } from './errors.ts'
import { MESSAGE } from './limits.ts'
import { walkProblem } from './walk.ts'

/** Values a request has beside its params, at most. */
const ENVELOPE = 8

/**
 * Whether the other end would take this text: its bytes, and how many values it holds. Each value takes at least two
 * characters, so only a long text is looked into; as it will be read, since superjson's notes count too.
 */
export function fitsReceiver(text: string, most: number, nodes: number = MESSAGE.nodes): boolean {
  if (!fitsBytes(text, most)) return false
  const left = nodes - ENVELOPE
  return text.length < 2 * left || walkProblem(JSON.parse(text), left) === undefined
}

export function tooLarge(what: string, outcome: Outcome): BusError {
  return new BusError('too_large', `${what} is too large for one message`, { outcome })
}
