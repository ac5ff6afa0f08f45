export type StartErrorCode = 'port_taken' | 'address_refused' | 'data_in_use' | 'data_refused' | 'bad_option'

/** Why a server could not start; the message is for people, the code for programs. */
export class StartError extends Error {
  override readonly name = 'StartError'
  readonly code: StartErrorCode

  constructor(code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
