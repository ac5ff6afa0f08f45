import { BusError, type ErrorBody } from '../../../protocol/index.ts'

interface DriverError extends Error {
  code: string
}

/** The disk or the file, not the operation: it would fail again until somebody makes room or mends it. */
const DISK = /^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|READONLY|CANTOPEN|NOMEM)/
/** Somebody else has the file for a moment. */
const BUSY = /^SQLITE_(BUSY|LOCKED)/

export function isDiskTrouble(error: unknown): error is DriverError {
  return isDriverError(error) && DISK.test(error.code)
}

/** Trying one by one would not help. */
export function isTrouble(error: unknown): error is DriverError {
  return isDriverError(error) && (DISK.test(error.code) || BUSY.test(error.code))
}

/** Any error as it crosses the thread. */
export function bodyOf(error: unknown): ErrorBody {
  if (error instanceof BusError) return error.toBody()
  if (isTrouble(error)) return new BusError('unavailable', whyOf(error)).toBody()
  const message = error instanceof Error ? error.message : String(error)
  return new BusError('internal', `the store failed: ${message}`, { outcome: 'none' }).toBody()
}

function whyOf(error: DriverError): string {
  if (error.code.startsWith('SQLITE_FULL')) return "the server's disk is full"
  return `${BUSY.test(error.code) ? 'another program holds the database' : "the server's disk fails"}: ${error.message} (${error.code})`
}

function isDriverError(error: unknown): error is DriverError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}
