import type { Network } from './network.ts'
import { isListed, isLoopback } from './no-proxy.ts'

/** A forward proxy to go through. */
export interface ForwardProxy {
  /** Without user and password: fit to be shown. */
  readonly url: URL
  /** Who named it: a variable, or `--proxy`. */
  readonly from: string
  /** The value of a `Proxy-Authorization`, if the address held a user. */
  readonly authorization: string | undefined
}

/**
 * The proxy for this address, if any: the one given, else what the environment says for its scheme. What was given beats
 * NO_PROXY as well. The environment's never gets what is on this machine. Throws a `TypeError` for an address that is none.
 */
export function proxyFor(target: URL, { proxy, env = {} }: Network): ForwardProxy | undefined {
  if (proxy === 'none') return undefined
  if (proxy !== undefined) return proxyOf(proxy, '--proxy')
  if (isLoopback(target.hostname)) return undefined
  const named = namedBy(env, target.protocol === 'wss:' ? 'https_proxy' : 'http_proxy') ?? namedBy(env, 'all_proxy')
  if (named === undefined) return undefined
  const exempt = namedBy(env, 'no_proxy')?.value ?? ''
  return isListed(exempt, target.hostname, portOf(target)) ? undefined : proxyOf(named.value, named.variable)
}

export function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port)
  return protocol === 'wss:' || protocol === 'https:' ? 443 : 80
}

/** As it may be shown. */
export function nameOf({ url, from }: ForwardProxy): string {
  return `the proxy ${url.origin} (${from})`
}

/** Lower case wins, and what is empty is not set, as curl has it. */
function namedBy(env: NonNullable<Network['env']>, lower: string): { variable: string; value: string } | undefined {
  const upper = lower.toUpperCase()
  // In a CGI program HTTP_PROXY is what the caller sent as its header `Proxy`.
  const names = upper === 'HTTP_PROXY' && env.REQUEST_METHOD !== undefined ? [lower] : [lower, upper]
  const variable = names.find((name) => (env[name] ?? '').trim() !== '')
  return variable === undefined ? undefined : { variable, value: env[variable]?.trim() ?? '' }
}

/** What is wrong with an address is said without it: it may hold a password. */
function proxyOf(given: string, from: string): ForwardProxy {
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(given) ? given : `http://${given}`
  if (!URL.canParse(text))
    throw new TypeError(`${from} is not the address of a proxy (like http://proxy.example.com:3128)`)
  const url = new URL(text)
  if (url.protocol.startsWith('socks')) {
    throw new TypeError(`${from} names a SOCKS proxy, which is not spoken here; only http:// and https:// are`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`${from} must begin with http:// or https://, not ${url.protocol}//`)
  }
  const { username, password } = url
  const authorization = username === '' && password === '' ? undefined : basic(username, password)
  return { url: new URL(url.origin), from, authorization }
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`
}

/** A `%` that begins no escape stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
