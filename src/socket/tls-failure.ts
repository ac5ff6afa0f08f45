import type { PeerCertificate } from 'node:tls'
import { authorOf, chainOf, intercepts, issuerOf, namesOf } from './certificate.ts'

/** Why TLS failed and what would mend it; undefined for what is no matter of TLS. `shown` is the certificate, if it came so far. */
export function tlsFailure(error: unknown, host: string, shown: PeerCertificate | undefined): string | undefined {
  const { code = '', message } = error as NodeJS.ErrnoException
  const told = shown === undefined ? undefined : JUDGED[code]?.(shown, host)
  return told ?? SAID.find(([pattern]) => pattern.test(`${code} ${message}`))?.[1]
}

/** What Node finds wrong with a certificate, by its code. */
const JUDGED: Readonly<Record<string, (shown: PeerCertificate, host: string) => string>> = {
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: notYetValid,
  ERR_TLS_CERT_ALTNAME_INVALID: wrongName,
  HOSTNAME_MISMATCH: wrongName,
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: lonelyLeaf,
  CERT_UNTRUSTED: unknownIssuer,
  CERT_REVOKED: (shown) => `its certificate, issued by ${issuerOf(shown)}, was revoked; the server needs a new one`,
  CERT_SIGNATURE_FAILURE: (shown) =>
    `its certificate was not signed by the ${issuerOf(shown)} that is trusted here; is --ca an older one of that name?`,
  INVALID_PURPOSE: (shown) =>
    `its certificate, issued by ${issuerOf(shown)}, is not for servers; it needs one for serverAuth`,
  INVALID_CA: (shown) => `its certificate comes from ${issuerOf(shown)}, which may not issue any`,
}

const WANTS = 'the server asks for a client certificate'

/** What OpenSSL or the other end says, in the words of both. */
const SAID: readonly (readonly [pattern: RegExp, text: string])[] = [
  [
    /wrong.version.number|packet.length.too.long|record.layer.failure|http.request/i,
    'no TLS is spoken there; is it http:// or ws://?',
  ],
  [
    /unsupported.protocol|alert.protocol.version/i,
    'it and this program have no version of TLS in common; here it is 1.2 and newer',
  ],
  [/certificate.required/i, `${WANTS}; give --client-cert and --client-key`],
  [/alert.unknown.ca/i, `${WANTS}, and does not trust the authority of the one given with --client-cert`],
  [/alert.certificate.expired/i, `${WANTS}, and the one given with --client-cert has expired`],
  [/alert.certificate.revoked/i, `${WANTS}, and the one given with --client-cert was revoked`],
  [
    /alert.(bad.certificate|certificate.unknown|unsupported.certificate|access.denied)/i,
    `${WANTS}, and refuses the one given with --client-cert`,
  ],
  [
    /alert.handshake.failure/i,
    'it breaks the handshake off: it wants a client certificate (--client-cert, --client-key), or has no cipher in common',
  ],
  [/unrecognized.name/i, 'it has no certificate for that name; is the address right?'],
  [
    /key.too.small|md.too.weak|too.weak/i,
    'its certificate is too weak to be trusted: it needs a longer key or a newer hash',
  ],
]

function expired(shown: PeerCertificate): string {
  const now = Date.now()
  const old = chainOf(shown).find(({ valid_to: to }) => Date.parse(to) < now) ?? shown
  const whose = old === shown ? 'its certificate' : `the certificate of ${authorOf(old)}, on which its own rests,`
  return `${whose} expired at ${time(old.valid_to)} (issued by ${issuerOf(old)}); it must be renewed there${clock(now)}`
}

function notYetValid(shown: PeerCertificate): string {
  const now = Date.now()
  const young = chainOf(shown).find(({ valid_from: from }) => Date.parse(from) > now) ?? shown
  return `its certificate, issued by ${issuerOf(young)}, is valid only from ${time(young.valid_from)} on${clock(now)}`
}

function wrongName(shown: PeerCertificate, host: string): string {
  const from = `issued by ${issuerOf(shown)}${intercepts(shown) ? INTERCEPTED : ''}`
  const names = namesOf(shown)
  const whom = names === '' ? 'no name at all' : names
  return `its certificate is for ${whom}, not for ${host} (${from}); dial one of its names, or have it issued for ${host}`
}

const INTERCEPTED = ', which looks like a firewall or proxy that opens TLS on the way'

function unknownIssuer(shown: PeerCertificate): string {
  const chain = chainOf(shown)
  const top = chain.at(-1) ?? shown
  const who = `its certificate comes from ${issuerOf(top)}${intercepts(top) ? INTERCEPTED : ''}, whom this machine does not trust`
  return `${who}; if you do, give that authority's certificate with --ca FILE`
}

/** An authority of the world is often known, and only what lies between it and the server is not. */
function lonelyLeaf(shown: PeerCertificate): string {
  const hint = intercepts(shown) ? '' : ', or have the server send the whole chain'
  return `${unknownIssuer(shown)}${hint}`
}

function selfSigned(shown: PeerCertificate): string {
  return `its certificate is signed by itself (${issuerOf(shown)}), so nobody vouches for it; if it is the right one, give it with --ca FILE`
}

function clock(now: number): string {
  return `; the clock here says ${time(now)}`
}

function time(at: string | number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
