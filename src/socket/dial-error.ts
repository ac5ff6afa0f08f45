/** The socket could not be opened. */
export class DialError extends Error {
  override readonly name = 'DialError'
  /** The HTTP status, if somebody answered. */
  readonly status: number | undefined
  /** Drumline itself refused, as its header says; otherwise it was a proxy or some other server. */
  readonly drumline: boolean
  /** When Drumline wants to be asked again, in ms from now. */
  readonly retryAfterMs: number | undefined
  /** Somebody has to mend something first: a certificate, a proxy's password. Trying again at once would change nothing. */
  readonly lasting: boolean

  constructor(
    message: string,
    known: {
      status?: number | undefined
      drumline?: boolean
      retryAfterMs?: number | undefined
      lasting?: boolean
      cause?: unknown
    } = {},
  ) {
    super(message, known.cause === undefined ? undefined : { cause: known.cause })
    this.status = known.status
    this.drumline = known.drumline ?? false
    this.retryAfterMs = known.retryAfterMs
    this.lasting = known.lasting ?? false
  }
}
