import type { IncomingHttpHeaders } from 'node:http'
import type { ForwardProxy } from './proxy.ts'
import { nameOf } from './proxy.ts'
import { quoted, reasonOf } from './reason.ts'

/** What a proxy answered to CONNECT, which was not yes. */
interface Refusal {
  readonly proxy: ForwardProxy
  /** `host:port`. */
  readonly to: string
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

/** What a refusal means and what would mend it. */
export function proxyRefusal(refusal: Refusal): string {
  const { proxy, to, status, headers } = refusal
  const who = nameOf(proxy)
  // Squid says here what it means.
  const detail = typeof headers['x-squid-error'] === 'string' ? `, ${quoted(headers['x-squid-error'])}` : ''
  const said = `(HTTP ${status}${detail})`
  if (status === 407) return `${who} ${unknown(refusal)} (HTTP 407)`
  if (status === 403) return `${who} refuses to connect to ${to} ${said}: ${whyForbidden(to)}`
  if (status >= 500 && status !== 501) {
    return `${who} cannot connect to ${to} ${said}: the server does not run, or its name or port is not known to the proxy`
  }
  return `${who} does not know CONNECT ${said}: is that a forward proxy?`
}

function unknown({ proxy, headers }: Refusal): string {
  const offers = [headers['proxy-authenticate'] ?? []]
    .flat()
    .flatMap((line) => line.split(/,\s*(?=[a-z-]+(?:\s|,|$))/i))
  const schemes = offers.map((offer) => offer.split(' ')[0] ?? '').filter((scheme) => scheme !== '')
  if (!schemes.some((scheme) => scheme.toLowerCase() === 'basic')) {
    const offered = schemes.length === 0 ? 'nothing' : quoted(schemes.join(', '))
    return `wants a login and offers ${offered}, while only Basic is spoken here; a relay on this machine that logs in can stand between`
  }
  if (proxy.authorization !== undefined) return 'refuses the user and password in its address'
  return `wants a user and a password; put them into its address: ${proxy.url.protocol}//USER:PASSWORD@${proxy.url.host}`
}

function whyForbidden(to: string): string {
  const port = to.slice(to.lastIndexOf(':') + 1)
  if (port === '443') return 'its rules forbid that host, or this machine'
  return `most proxies allow port 443 only; serve there, or have port ${port} allowed`
}

/** What went wrong before the proxy answered. */
export function proxyFailure(proxy: ForwardProxy, error: unknown): string {
  const { code = '', rawPacket } = error as NodeJS.ErrnoException & { rawPacket?: Buffer }
  const who = nameOf(proxy)
  if (isTls(rawPacket)) return `${who} speaks TLS: write https://${proxy.url.host}`
  if (code.startsWith('HPE_')) return `${who} is none: what answers there speaks no HTTP (${code})`
  if (code === 'ECONNRESET')
    return `${who} hung up without an answer: does it speak TLS (https://), or refuse this machine?`
  return `cannot reach ${who}: ${reasonOf(error)}`
}

/** An alert or a hello. */
export function isTls(packet: Buffer | undefined): boolean {
  return packet !== undefined && (packet[0] === 0x15 || packet[0] === 0x16) && packet[1] === 0x03
}
