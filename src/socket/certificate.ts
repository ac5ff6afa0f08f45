import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls'
import { quoted } from './reason.ts'

/** A certificate and those it rests on, as far as they were sent. */
export function chainOf(shown: PeerCertificate): PeerCertificate[] {
  const chain: PeerCertificate[] = []
  let next: Partial<DetailedPeerCertificate> | undefined = shown
  // A root is its own issuer.
  while (next?.subject !== undefined && !chain.includes(next as PeerCertificate)) {
    chain.push(next as PeerCertificate)
    next = next.issuerCertificate
  }
  return chain
}

/** Who has signed it, in quotes. */
export function issuerOf({ issuer }: PeerCertificate): string {
  return nameIn(issuer)
}

/** Whose it is, in quotes. */
export function authorOf({ subject }: PeerCertificate): string {
  return nameIn(subject)
}

const SHOWN_NAMES = 4

/** The hosts it is for. */
export function namesOf({ subjectaltname = '' }: PeerCertificate): string {
  const names = subjectaltname.split(', ').flatMap((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1] ?? [])
  const shown = names.slice(0, SHOWN_NAMES).map((name) => quoted(name).slice(1, -1))
  return names.length > SHOWN_NAMES ? `${shown.join(', ')} and ${names.length - SHOWN_NAMES} more` : shown.join(', ')
}

/** Makers of firewalls, virus scanners and tools that put certificates of their own in place of the server's. */
const INTERCEPTORS =
  /zscaler|netskope|blue ?coat|symantec web|forti(net|gate)|palo alto|sophos|umbrella|check ?point|forcepoint|websense|barracuda|sonicwall|watchguard|mcafee|skyhigh|trend micro|kaspersky|bitdefender|eset ssl|avast|cato networks|iboss|untangle|mitmproxy|burp|portswigger|charles proxy|fiddler|squid|\b(firewall|proxy|inspection|interception|decryption)\b/i

export function intercepts({ issuer }: PeerCertificate): boolean {
  return Object.values(issuer).some((value) => INTERCEPTORS.test(String(value)))
}

function nameIn({ CN, O, OU }: PeerCertificate['issuer']): string {
  return quoted([CN ?? OU ?? O ?? 'nobody'].flat().join(', '))
}
