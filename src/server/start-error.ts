/**
 * `port_taken` and `address_refused`: by the system; `data_in_use`: another server has the directory; `data_refused`: it
 * cannot be read or written; `tls_refused`: the certificate or its key is no good; `bad_option`: one of the options is out
 * of its range.
 */
export type StartErrorCode =
  | 'port_taken'
  | 'address_refused'
  | 'data_in_use'
  | 'data_refused'
  | 'tls_refused'
  | 'bad_option'

/** Why a server could not start; the message is for people, the code for programs. */
export class StartError extends Error {
  override readonly name = 'StartError'
  /** What is in the way, for programs. */
  readonly code: StartErrorCode

  constructor(code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
