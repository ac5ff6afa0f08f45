/** How a connection ends, and what each code asks of a client. 4000–4499 reconnect, 4500–4999 stop. */
export const CLOSE = {
  /** Either end is done. */
  normal: 1000,
  /** The page or the process goes. */
  goingAway: 1001,
  /** WebSocket itself was broken. */
  protocolError: 1002,
  /** A binary message: there are only texts. */
  unsupported: 1003,
  /** Not UTF-8. */
  badText: 1007,
  /** A message over the limit. */
  tooBig: 1009,
  /** A bug of the end that closes; its log says more. */
  internal: 1011,
  /** The server goes, and will be back. */
  restart: 1012,
  /** The server takes nobody in any more. */
  draining: 4000,
  /** No hello within 5 s. */
  helloTimeout: 4001,
  /** Nothing was heard for too long. */
  heartbeat: 4002,
  /** Reads too slowly. */
  slow: 4003,
  /** A page’s login has ended, or a machine’s token that was replaced: another may be good. */
  loginExpired: 4004,
  /** Came too often. */
  rateLimited: 4005,
  /** The server has no room for one more. */
  atCapacity: 4006,
  /** An agent of this name is connected and well. */
  alreadyConnected: 4007,
  /** The token is not known, has expired, or is for another role. */
  badCredential: 4500,
  /** The credential was ended. */
  revoked: 4501,
  /** A frame that the protocol does not allow. */
  violation: 4502,
  /** No version in common. */
  version: 4503,
  /** A newer connection of the same agent took over. */
  superseded: 4504,
  /** Not to come back. */
  banned: 4505,
  /** An operator removed this agent. */
  agentDeleted: 4506,
} as const

/** One of them. */
export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE]

/**
 * What a client does after a close: `retry` with backoff, `slow` retry every 5–10 minutes, `suspect` counts towards
 * slow (three in ten minutes), or `stop` for good.
 */
export type CloseAction = 'retry' | 'slow' | 'suspect' | 'stop'

const SLOW: ReadonlySet<number> = new Set([CLOSE.violation, CLOSE.version])
const SUSPECT: ReadonlySet<number> = new Set([
  CLOSE.protocolError,
  CLOSE.unsupported,
  CLOSE.badText,
  1008,
  CLOSE.tooBig,
])

/** Decides by range, so that a code never seen before is still understood. */
export function closeAction(code: number): CloseAction {
  if (code === CLOSE.normal) return 'stop'
  if (SLOW.has(code)) return 'slow'
  if (SUSPECT.has(code)) return 'suspect'
  return code >= 4500 && code <= 4999 ? 'stop' : 'retry'
}
