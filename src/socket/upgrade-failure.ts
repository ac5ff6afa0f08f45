import { DialError } from './dial-error.ts'
import type { Network } from './network.ts'
import { isTls } from './proxy-failure.ts'
import { reasonOf } from './reason.ts'
import { tlsFailure } from './tls-failure.ts'

/** What went wrong once the connection was open, before the upgrade was answered. */
export function upgradeFailure(url: URL, whom: string, error: Error, network: Network = {}): DialError {
  // A refused client certificate is told only now, by an alert.
  const known = tlsFailure(error, url.hostname, undefined) ?? plainly(url, error)
  const why = known ?? broken(url, error, network)
  return new DialError(`cannot reach ${whom}: ${why}`, { lasting: known !== undefined, cause: error })
}

function plainly(url: URL, error: Error): string | undefined {
  const { code = '', rawPacket } = error as NodeJS.ErrnoException & { rawPacket?: Buffer }
  if (url.protocol === 'ws:' && isTls(rawPacket)) return 'TLS is spoken there; is it https:// or wss://?'
  if (code.startsWith('HPE_')) return `no HTTP is spoken there (${code})`
  if (/subprotocol/.test(error.message)) return `a WebSocket opens there, but it is not Drumline's (${error.message})`
  return undefined
}

/** Servers that close without a word do so when they miss TLS, or a client certificate that they like. */
function broken(url: URL, error: Error, network: Network): string {
  const reason = reasonOf(error)
  if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') return reason
  if (url.protocol === 'ws:') return `${reason}; does it want https:// or wss://?`
  const certificate =
    network.cert === undefined
      ? 'want a client certificate (--client-cert, --client-key)'
      : 'refuse this client certificate'
  return `${reason}; does it ${certificate}?`
}
