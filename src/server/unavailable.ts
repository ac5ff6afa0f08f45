import { BusError } from '../protocol/index.ts'

/** The store cannot be written, or has ended: said once by the sweep, or by who ended it, and by nobody who meets it. */
export function isUnavailable(error: unknown): error is BusError {
  return error instanceof BusError && error.code === 'unavailable'
}
