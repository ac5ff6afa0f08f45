import { CLOSE, CloseError } from '../../protocol/index.ts'
import { asBusError } from '../reasons.ts'

const RESTARTS = 'the server is restarting'
const FULL = 'the server has no room for this page right now'

/** What a close code means to a person. */
const MEANS: Readonly<Record<number, string>> = {
  [CLOSE.normal]: 'the server has ended the connection',
  [CLOSE.goingAway]: RESTARTS,
  [CLOSE.restart]: RESTARTS,
  [CLOSE.draining]: RESTARTS,
  1005: 'the connection was lost',
  1006: 'the connection was lost',
  1013: FULL,
  [CLOSE.rateLimited]: FULL,
  [CLOSE.atCapacity]: FULL,
  [CLOSE.heartbeat]: 'the server has heard nothing from this page for too long',
  [CLOSE.slow]: 'this page did not read fast enough',
  [CLOSE.loginExpired]: 'the login has ended',
  [CLOSE.badCredential]: 'the login is not good any more',
  [CLOSE.revoked]: 'the login was revoked',
}

/** Why a page has no connection, for whoever looks at it. */
export function wordsOf(why: unknown): string {
  if (!(why instanceof CloseError)) return asBusError(why).message
  const { code, reason } = why
  // Of a connection that ended without a goodbye, only this end can say more.
  if (code === 1006 && reason !== '') return reason
  return MEANS[code] ?? `the server closed the connection: ${reason === '' ? code : `${reason} (${code})`}`
}
