import { BusError, CLOSE, CloseError, closeAction } from '../protocol/index.ts'

/** Why there is no connection, as whoever dialled found it. */
export class NoDial extends Error {
  override readonly name = 'NoDial'
  /** What a call then rejects with. */
  readonly reason: BusError
  /** `never`: trying again would change nothing. `mended`: somebody has to mend something first. */
  readonly again: 'soon' | 'mended' | 'never'
  /** What the client's end is told as. */
  readonly code: number

  constructor(reason: BusError, again: NoDial['again'] = 'soon', code = 1006) {
    super(reason.message)
    this.reason = reason
    this.again = again
    this.code = code
  }
}

/** Trying again would change nothing. */
export function isFinal(error: unknown): boolean {
  if (error instanceof CloseError) return closeAction(error.code) !== 'retry'
  return error instanceof NoDial && error.again === 'never'
}

/** Somebody has to mend something first. Who never had a connection is told at once; who had one, or waits for ever, waits for it. */
export function needsMending(error: unknown): boolean {
  return error instanceof NoDial && error.again === 'mended'
}

/** When the server itself wants to be asked again, in ms from now. */
export function retryAfterOf(error: unknown): number | undefined {
  return error instanceof NoDial ? error.reason.retryAfterMs : undefined
}

/** A close code for the end that this reason makes. */
export function codeOf(error: unknown): number {
  return error instanceof CloseError || error instanceof NoDial ? error.code : 1006
}

/** Any reason why there is no connection, as what a call rejects with. */
export function asBusError(error: unknown): BusError {
  if (error instanceof BusError) return error
  if (error instanceof NoDial) return error.reason
  if (error instanceof CloseError) {
    const refused = error.code === CLOSE.badCredential || error.code === CLOSE.revoked
    const text = `the server closed the connection: ${error.code} ${error.reason}`.trim()
    return new BusError(refused ? 'forbidden' : 'unavailable', text, refused ? { retry: 'reauth' } : {})
  }
  return new BusError('unavailable', error instanceof Error ? error.message : String(error))
}
