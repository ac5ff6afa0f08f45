import { BusError, CLOSE, CloseError, closeAction } from '../protocol/index.ts'
import { DialError } from '../socket/index.ts'

/** Trying again would change nothing. */
export function isFinal(error: unknown): boolean {
  if (error instanceof CloseError) return closeAction(error.code) !== 'retry'
  return error instanceof DialError && error.drumline && (error.status === 401 || error.status === 403)
}

/** Somebody has to mend something first. Who never had a connection is told at once; who had one waits for it. */
export function needsMending(error: unknown): boolean {
  return error instanceof DialError && error.lasting
}

/** When the server itself wants to be asked again, in ms from now. */
export function retryAfterOf(error: unknown): number | undefined {
  return error instanceof DialError ? error.retryAfterMs : undefined
}

/** Any reason why there is no connection, as what a call rejects with. */
export function asBusError(error: unknown): BusError {
  if (error instanceof BusError) return error
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof DialError && isFinal(error)) {
    return new BusError('forbidden', `the server refused the credential (HTTP ${error.status})`, { retry: 'reauth' })
  }
  if (error instanceof CloseError) {
    const refused = error.code === CLOSE.badCredential || error.code === CLOSE.revoked
    const text = `the server closed the connection: ${error.code} ${error.reason}`.trim()
    return new BusError(refused ? 'forbidden' : 'unavailable', text, refused ? { retry: 'reauth' } : {})
  }
  return new BusError('unavailable', message)
}
