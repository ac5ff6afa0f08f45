import { readFileSync } from 'node:fs'
import * as tls from 'node:tls'
import { createSecureContext, rootCertificates, type SecureContext, type SecureContextOptions } from 'node:tls'
import type { Network } from './network.ts'
import { reasonOf } from './reason.ts'

/** Where machines keep whom they trust: Debian and Alpine, Red Hat, SUSE, macOS and the BSDs. The first that is there counts. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** Reading some 150 certificates takes tens of milliseconds, and an agent dials again and again. */
const contexts = new WeakMap<Network, SecureContext>()

/** Whom to trust and what to show. Throws a `TypeError` for a certificate and a key that are no use. */
export function secureContext(network: Network): SecureContext {
  const { cert, key } = network
  const known = contexts.get(network)
  if (known !== undefined) return known
  const shown = cert === undefined || key === undefined ? {} : { cert, key }
  const made = contextOf({ ca: trusted(network), ...shown })
  contexts.set(network, made)
  return made
}

function contextOf(options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options)
  } catch (error) {
    throw new TypeError(`the client's certificate and key are no use: ${reasonOf(error)}`, { cause: error })
  }
}

/** Node's roots, the machine's and those given. To name any would otherwise mean to trust none but those. */
function trusted({ ca = '', env = {} }: Network): string[] {
  const all = [...nodesRoots(), read(env.NODE_EXTRA_CA_CERTS), machinesBundle(env.SSL_CERT_FILE), ca]
  const byContent = new Map<string, string>()
  for (const text of all) {
    for (const [pem] of text.matchAll(CERTIFICATE)) byContent.set(pem.replaceAll(/\s/g, ''), pem)
  }
  return [...byContent.values()]
}

/** Newer Nodes also know what is behind `--use-system-ca`: the keychain of macOS, the store of Windows. */
function nodesRoots(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default' | 'system') => string[] }
  if (getCACertificates === undefined) return rootCertificates
  return [...getCACertificates('default'), ...getCACertificates('system')]
}

function machinesBundle(named: string | undefined): string {
  if (named !== undefined && named !== '') return read(named)
  return BUNDLES.map(read).find((text) => text !== '') ?? ''
}

/** What cannot be read is not trusted; then the server's certificate is refused, which says more. */
function read(path: string | undefined): string {
  if (path === undefined || path === '') return ''
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
