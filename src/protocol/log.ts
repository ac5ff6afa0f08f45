/** Where the rooms say what happens. pino fits it; fields first, then a sentence. */
export interface Log {
  /** It goes as it should. */
  info(fields: object, text: string): void
  /** Somebody should look at it some time. */
  warn(fields: object, text: string): void
  /** Somebody should look at it now. */
  error(fields: object, text: string): void
}

/** Says nothing: the default of a library. */
export const silentLog: Log = { info() {}, warn() {}, error() {} }
