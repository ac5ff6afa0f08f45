/** Node's socket: `ws` as a port, dialling and liveness. */
export { acceptor } from './accept.ts'
export { type DialOptions, dial } from './dial.ts'
export { DialError } from './dial-error.ts'
export { type Dead, watch } from './liveness.ts'
export type { Network } from './network.ts'
export { checkNetwork, reach } from './open.ts'
export type { RawPort, SocketPort } from './socket-port.ts'
export { busUrl } from './url.ts'
