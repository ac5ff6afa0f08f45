import type { IncomingMessage } from 'node:http'
import type { Refusal } from './refuse.ts'
import { isLoopback, plainAddress, type Trusted } from './trusted.ts'

/** Longer chains are not followed to their end. */
const HOPS = 16

/** Where a request comes from, as far as that can be believed. */
export interface Whence {
  /** The client's, for limits, logs and audit; '' once its socket is gone. */
  readonly address: string
  /** The client speaks TLS, with this server or with the proxy. */
  readonly secure: boolean
  /** The name it asked for, with the port if it gave one, or ''. Its own choice: to be compared, never believed. */
  readonly host: string
  /** The path under which the proxy shows this server, such as `/ci`; mostly ''. */
  readonly prefix: string
  /** A trusted proxy passed it on. If that named nobody, the address is the proxy's. */
  readonly proxied: boolean
}

/**
 * Asks the request. `X-Forwarded-For`, `-Proto`, `-Host` and `-Prefix` count only where a trusted proxy speaks; `Forwarded`
 * never does, since a proxy that writes the ones passes the other on as the client sent it. Never throws.
 */
export function whenceOf({ socket, headers }: IncomingMessage, trusted: Trusted): Whence {
  const peer = plainAddress(socket.remoteAddress ?? '') ?? ''
  const encrypted = 'encrypted' in socket
  const host = hostOf(headers.host) ?? ''
  if (!trusted.has(peer)) return { address: peer, secure: encrypted, host, prefix: '', proxied: false }
  const { address, hops } = clientOf(peer, listOf(headers['x-forwarded-for']), trusted)
  const said = (name: string): string | undefined => {
    const values = listOf(headers[name])
    return values.at(-hops) ?? values[0]
  }
  const scheme = said('x-forwarded-proto')?.toLowerCase()
  return {
    address,
    secure: scheme === undefined ? encrypted : scheme === 'https' || scheme === 'wss',
    host: hostOf(said('x-forwarded-host')) ?? host,
    prefix: prefixOf(said('x-forwarded-prefix')),
    proxied: true,
  }
}

/** From the nearest outwards: each proxy wrote who came to it, and the first that is no proxy of ours is the client. */
function clientOf(peer: string, chain: readonly string[], trusted: Trusted): { address: string; hops: number } {
  let address = peer
  let hops = 0
  while (hops < HOPS && trusted.has(address)) {
    const next = plainAddress(chain.at(-1 - hops) ?? '')
    if (next === undefined) break
    address = next
    hops += 1
  }
  return { address, hops: Math.max(1, hops) }
}

function listOf(header: string | string[] | undefined): readonly string[] {
  const text = typeof header === 'object' ? header.join(',') : (header ?? '')
  return text === '' ? [] : text.split(',').map((item) => item.trim())
}

function hostOf(text: string | undefined): string | undefined {
  return text !== undefined && /^[\w.:[\]-]{1,262}$/.test(text) ? text : undefined
}

function prefixOf(text: string | undefined): string {
  if (text === undefined || text.length > 256) return ''
  const path = text.replace(/\/$/, '')
  return /^(\/[\w~-][\w.~-]*)+$/.test(path) ? path : ''
}

/** Refuses who comes past the proxies, if there are any, from another machine and in the clear: its token was seen on the way. */
export function refusalPast(trusted: Trusted, { address, proxied, secure }: Whence): Refusal | undefined {
  return trusted.any && !proxied && !secure && !isLoopback(address) ? PAST : undefined
}

const PAST: Refusal = {
  status: 403,
  code: 'forbidden',
  reason: 'past',
  message: 'come through the proxy, or let the server trust your address as one (--trust-proxy)',
}

/** The path within this server, whether or not the proxy took its prefix away. */
export function pathWithin(prefix: string, path: string): string {
  return prefix !== '' && path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path
}
