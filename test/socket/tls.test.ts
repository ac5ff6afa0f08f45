import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { ServerOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { DialError, dial, type Network } from '../../src/socket/index.ts'
import { Authority, type Certificate } from '../support/certificates.ts'
import { needsTool } from '../support/tools.ts'
import { bus, leftOpen } from './bare-bus.ts'

const folder = mkdtempSync(join(tmpdir(), 'drumline-tls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const text = (path: string) => readFileSync(path, 'utf8')
const shown = ({ cert, key }: Certificate) => ({ cert: text(cert), key: text(key) })
const HOSTS = ['localhost', '127.0.0.1']

/** Dials a bus with this certificate; the name in the address is `host`. */
async function dialBus(tls: ServerOptions | undefined, network: Network, url = (there: string) => there) {
  const there = await bus(undefined, tls)
  const port = await dial(url(there.url), { token: 't', maxBytes: 1024, network })
  leftOpen.push(() => port.terminate())
  return there
}

async function failure(...args: Parameters<typeof dialBus>): Promise<DialError> {
  const error = await dialBus(...args).catch((thrown: unknown) => thrown)
  if (!(error instanceof DialError)) throw new Error(`no DialError but ${String(error)}`)
  return error
}

needsTool('openssl')('dialling over TLS', () => {
  const ours = new Authority(join(folder, 'ours'), 'Example Root')
  const theirs = new Authority(join(folder, 'theirs'), 'Zscaler Root CA')
  const good = shown(ours.sign('good', { hosts: HOSTS }))
  const client = shown(ours.sign('client'))
  const stranger = shown(theirs.sign('stranger'))
  const ca = ours.pem
  const asks: ServerOptions = { ...good, requestCert: true, rejectUnauthorized: true, ca }

  test.each<[what: string, tls: ServerOptions, network: Network]>([
    ['an authority that was given', good, { ca }],
    ['the authorities that SSL_CERT_FILE names', good, { env: { SSL_CERT_FILE: ours.cert } }],
    ['the authorities that NODE_EXTRA_CA_CERTS names', good, { env: { NODE_EXTRA_CA_CERTS: ours.cert } }],
    ['one authority among others in a file', good, { ca: `${theirs.pem}some words\n${ca}` }],
    ['anybody, when that danger was asked for', good, { skipVerify: true }],
    ['with the client certificate that is asked for', asks, { ca, ...client }],
  ])('trusts %s', async (_, tls, network) => {
    const there = await dialBus(tls, network)
    expect(there.requests[0]?.headers.authorization).toBe('Bearer t')
  })

  test('asks for the name in the address, and takes an address as well', async () => {
    await dialBus(good, { ca }, (there) => there.replace('127.0.0.1', 'localhost'))
  })

  test.each<[what: string, tls: ServerOptions, network: Network, says: RegExp[]]>([
    [
      'a certificate that has expired',
      shown(ours.sign('old', { hosts: HOSTS, days: -1 })),
      { ca },
      [
        /its certificate expired at \d{4}-\d\d-\d\d \d\d:\d\d UTC/,
        /issued by "Example Root"/,
        /the clock here says \d{4}/,
      ],
    ],
    [
      'a certificate that is not valid yet',
      shown(ours.sign('early', { hosts: HOSTS, early: true })),
      { ca },
      [/is valid only from 2099-01-01 00:00 UTC on/, /the clock here says \d{4}/],
    ],
    [
      'a certificate for somebody else',
      shown(ours.sign('other', { hosts: ['ci.example.com', '10.0.0.1'] })),
      { ca },
      [/is for ci\.example\.com, 10\.0\.0\.1, not for 127\.0\.0\.1/, /issued by "Example Root"/],
    ],
    [
      'an authority that is not known here',
      good,
      {},
      [/comes from "Example Root", whom this machine does not trust/, /--ca FILE/],
    ],
    [
      'another authority than the one given',
      good,
      { ca: theirs.pem },
      [/comes from "Example Root", whom this machine does not trust/],
    ],
    [
      'a firewall in between',
      shown(theirs.sign('intercepted', { hosts: HOSTS })),
      { ca },
      [/"Zscaler Root CA", which looks like a firewall or proxy that opens TLS on the way/, /--ca FILE/],
    ],
    [
      'a certificate that nobody vouches for',
      shown(ours.sign('lonely', { hosts: HOSTS, selfSigned: true })),
      { ca },
      [/is signed by itself \("lonely"\)/, /--ca FILE/],
    ],
    ['a certificate for clients', shown(ours.sign('wrong-use')), { ca }, [/is not for servers/]],
    [
      'a server that wants a certificate',
      asks,
      { ca },
      [/asks for a client certificate; give --client-cert and --client-key/],
    ],
    [
      'a server that takes other client certificates',
      asks,
      { ca, ...stranger },
      [/refuse this client certificate|does not trust the authority/],
    ],
    [
      'a server that only speaks an old TLS',
      { ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      { ca },
      [/no version of TLS in common/],
    ],
  ])('names %s', async (_, tls, network, says) => {
    const error = await failure(tls, network)
    for (const pattern of says) expect(error.message).toMatch(pattern)
    expect(error.message).toMatch(/^cannot reach wss:\/\/127\.0\.0\.1:\d+\/bus: [^\n]+$/)
  })

  test('tells no TLS where some was expected, and the other way round', async () => {
    const plain = await failure(undefined, { ca }, (there) => there.replace('ws:', 'wss:'))
    expect(plain.message).toContain('no TLS is spoken there; is it http:// or ws://?')
    const secure = await failure(good, {}, (there) => there.replace('wss:', 'ws:'))
    expect(secure.message).toMatch(/https:\/\/ or wss:\/\//)
  })

  test('says which of them somebody has to mend first', async () => {
    expect(await failure(good, {})).toMatchObject({ lasting: true })
    const there = await bus()
    for (const close of leftOpen.splice(0)) close()
    const gone = await dial(there.url, { token: 't', maxBytes: 1024 }).catch((error: unknown) => error)
    expect(gone).toMatchObject({ lasting: false })
  })
})
