/** Where the rooms say what happens. pino fits it; fields first, then a sentence. */
export interface Log {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

/** Says nothing: the default of a library. */
export const silentLog: Log = { info() {}, warn() {}, error() {} }
