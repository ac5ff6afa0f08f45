import type { IncomingMessage } from 'node:http'
import { StartError } from '../../start-error.ts'
import { isLoopback, plainAddress } from '../trusted.ts'
import type { Whence } from '../whence.ts'

/** By these names a server that listens on loopback is reached. */
const LOCAL = ['127.0.0.1', 'localhost', '[::1]']

/**
 * Whose pages may log in: their origin is compared whole, as browsers write it. Those that were named; else the name by
 * which the server is reached over TLS, which no other name's page can have, and a loopback address at its own port.
 */
export class Origins {
  readonly #named: ReadonlySet<string> | undefined

  /** Throws `StartError` for one that is no origin. */
  constructor(named: readonly string[] = []) {
    this.#named = named.length === 0 ? undefined : new Set(named.map(originOf))
  }

  /** Whether a page of this origin may ask this request. */
  has(origin: string, req: IncomingMessage, whence: Whence): boolean {
    return this.#of(req, whence).has(origin)
  }

  /** Whether the name that was asked for is ours: somebody else's name may have been made to point here. */
  hasHost(req: IncomingMessage, whence: Whence): boolean {
    const { host } = whence
    for (const origin of this.#of(req, whence)) {
      const { protocol, host: ours } = new URL(origin)
      if (hostIn(protocol, host) === ours) return true
    }
    return false
  }

  #of({ socket }: IncomingMessage, { secure, host, proxied }: Whence): ReadonlySet<string> {
    if (this.#named !== undefined) return this.#named
    if (secure) return new Set(host === '' ? [] : [`https://${hostIn('https:', host)}`])
    if (proxied || !isLoopback(plainAddress(socket.localAddress ?? '') ?? '')) return new Set()
    return new Set(LOCAL.map((name) => `http://${hostIn('http:', `${name}:${socket.localPort}`)}`))
  }
}

/** A host in the one way in which it is compared: lower case, without the port that the scheme implies. */
function hostIn(protocol: string, host: string): string {
  const url = `${protocol}//${host}`
  return URL.canParse(url) ? new URL(url).host : ''
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const whole = url !== undefined && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href
  if (whole) return url.origin
  const shown = JSON.stringify(text.slice(0, 64))
  throw new StartError('bad_option', `an origin is a scheme and a host, such as https://ci.example.com, not ${shown}`)
}
