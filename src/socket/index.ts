/** Node's socket: `ws` as a port, dialling and liveness. */
export { acceptor } from './accept.ts'
export { DialError, type DialOptions, dial } from './dial.ts'
export { type Dead, watch } from './liveness.ts'
export type { Network } from './network.ts'
export type { RawPort, SocketPort } from './socket-port.ts'
export { busUrl } from './url.ts'
