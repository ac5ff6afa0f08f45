import { connect, type Socket } from 'node:net'
import { Attempt } from './attempt.ts'
import { DialError } from './dial-error.ts'
import type { Network } from './network.ts'
import { unbracketed } from './no-proxy.ts'
import { type ForwardProxy, nameOf, portOf, proxyFor } from './proxy.ts'
import { reasonOf } from './reason.ts'
import { openTls } from './tls.ts'
import { secureContext } from './trust.ts'
import { openTunnel } from './tunnel.ts'

/** Throws a `TypeError` for a proxy whose address is none, or a certificate and a key that are no use. */
export function checkNetwork(url: URL, network: Network): void {
  proxyFor(url, network)
  if (url.protocol === 'wss:') secureContext(network)
}

/** Opens a connection to this address, on which nothing is said yet. Rejects like `dial`. */
export function reach(url: URL, network: Network, withinMs: number): Promise<Socket> {
  const attempt = new Attempt(url.href, withinMs, undefined)
  return attempt.run(() => openSocket(url, network, attempt))
}

/** Opens a tunnel to this address through a proxy, in which nothing is said yet. Rejects like `dial`. */
export function reachThrough(proxy: ForwardProxy, url: URL, network: Network, withinMs: number): Promise<Socket> {
  const attempt = new Attempt(nameOf(proxy), withinMs, undefined)
  return attempt.run(() => openTunnel(proxy, url, network, attempt))
}

/** Opens what a WebSocket to this address is spoken over: through the proxy if there is one, in TLS if it is `wss`. */
export async function openSocket(url: URL, network: Network, attempt: Attempt): Promise<Socket> {
  const proxy = proxyFor(url, network)
  const tunnel = proxy && (await openTunnel(proxy, url, network, attempt))
  attempt.waitsFor = proxy === undefined ? url.href : `${url.href} through ${nameOf(proxy)}`
  if (url.protocol === 'wss:') return openTls(url, network, attempt, tunnel)
  return tunnel ?? openPlain(url, attempt)
}

async function openPlain(url: URL, attempt: Attempt): Promise<Socket> {
  try {
    return await attempt.opened(connect({ host: unbracketed(url.hostname), port: portOf(url) }), 'connect')
  } catch (error) {
    throw new DialError(`cannot reach ${attempt.waitsFor}: ${reasonOf(error)}`, { cause: error })
  }
}
