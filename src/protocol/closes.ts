/** How a connection ends, and what each code asks of a client. 4000–4499 reconnect, 4500–4999 stop. */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupported: 1003,
  badText: 1007,
  tooBig: 1009,
  internal: 1011,
  restart: 1012,
  draining: 4000,
  helloTimeout: 4001,
  heartbeat: 4002,
  slow: 4003,
  loginExpired: 4004,
  rateLimited: 4005,
  atCapacity: 4006,
  alreadyConnected: 4007,
  badCredential: 4500,
  revoked: 4501,
  violation: 4502,
  version: 4503,
  superseded: 4504,
  banned: 4505,
  agentDeleted: 4506,
} as const

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
