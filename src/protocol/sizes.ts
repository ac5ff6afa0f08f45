import { fitsBytes } from './bytes.ts'
import { BusError, type Outcome } from './errors.ts'
import { MESSAGE } from './limits.ts'
import { walkProblem } from './walk.ts'

/**
 * Whether the other end would take this frame: its text, and for a large one the number of its values. Each value takes at
 * least two characters, so a short text needs no walk.
 */
export function fitsReceiver(text: string, value: unknown, most: number, nodes: number = MESSAGE.nodes): boolean {
  if (!fitsBytes(text, most)) return false
  return text.length < 2 * nodes || walkProblem(value, nodes - ENVELOPE) === undefined
}

/** Values a frame has beside its params or result, at most. */
const ENVELOPE = 8

export function tooLarge(what: string, outcome: Outcome): BusError {
  return new BusError('too_large', `${what} is too large for one message`, { outcome })
}
