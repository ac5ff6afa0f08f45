import { isIP, type Socket } from 'node:net'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import type { Attempt } from './attempt.ts'
import { DialError } from './dial-error.ts'
import type { Network } from './network.ts'
import { unbracketed } from './no-proxy.ts'
import { portOf } from './proxy.ts'
import { reasonOf } from './reason.ts'
import { tlsFailure } from './tls-failure.ts'
import { secureContext } from './trust.ts'

/** Opens TLS to whom the URL names, over a tunnel if there is one. Rejects with a `DialError` that says what to mend. */
export async function openTls(url: URL, network: Network, attempt: Attempt, tunnel?: Socket): Promise<TLSSocket> {
  const host = unbracketed(url.hostname)
  const socket = connect({
    host,
    ...(tunnel === undefined ? { port: portOf(url) } : { socket: tunnel }),
    // An address has no name to ask for; the certificate is then held against the address.
    servername: isIP(host) === 0 ? host : '',
    ALPNProtocols: ['http/1.1'],
    secureContext: secureContext(network),
    rejectUnauthorized: network.skipVerify !== true,
  })
  let shown: PeerCertificate | undefined
  // Node drops what was shown together with the socket; this comes just before it judges.
  socket.prependOnceListener('secure', () => {
    shown = socket.getPeerCertificate(true)
  })
  try {
    return await attempt.opened(socket, 'secureConnect')
  } catch (error) {
    const known = tlsFailure(error, host, shown)
    const why = known ?? reasonOf(error)
    throw new DialError(`cannot reach ${attempt.waitsFor}: ${why}`, { lasting: known !== undefined, cause: error })
  }
}
