/** The server: sessions, queue, leases, feed and store behind one port. */
export { BusError, CloseError } from '../protocol/index.ts'
export type { Server, ServerOptions, TlsOptions } from './options.ts'
export { startServer } from './start.ts'
export { StartError, type StartErrorCode } from './start-error.ts'
