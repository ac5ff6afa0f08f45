import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { Authority } from '../support/certificates.ts'
import { ConnectProxy } from '../support/connect-proxy.ts'
import { listening, urlOf } from '../support/listening.ts'
import { needsTool } from '../support/tools.ts'
import { expectFault, expectWell, type Fault, type Planted, sharedWard, Ward } from './ward.ts'

const ward = sharedWard()
let authority: Authority
let corporate: Authority

type Ask = Parameters<Authority['sign']>[1]

/** The server behind TLS, with a certificate as asked for. */
async function secured(one: Ward, ask: Ask = {}, by = authority): Promise<Planted> {
  const { cert, key } = by.sign(`server-${performance.now()}`, { hosts: ['127.0.0.1', 'localhost'], ...ask })
  const url = await one.tls({ cert: readFileSync(cert), key: readFileSync(key) }, 'localhost')
  return { url, network: { ca: authority.pem } }
}

/** Takes connections and says nothing. */
async function silence(): Promise<string> {
  const server = await listening(createServer((socket) => void socket.on('error', () => {})))
  onTestFinished(() => void server.close())
  return urlOf(server)
}

const FAULTS: readonly Fault[] = [
  ['an expired certificate', (one) => secured(one, { days: -1 }), 'tls', 'tls_expired', /expired at .*must be renewed/],
  ['one that is not valid yet', (one) => secured(one, { early: true }), 'tls', 'tls_not_yet_valid', /only from 2099/],
  [
    'one for another name',
    (one) => secured(one, { hosts: ['other.test'] }),
    'tls',
    'tls_wrong_name',
    /for other\.test, not for localhost.*have it issued/,
  ],
  [
    'one of an issuer unknown here',
    async (one) => ({ ...(await secured(one)), network: {} }),
    'tls',
    'tls_unknown_issuer',
    /"authority", whom this machine does not trust.*--ca FILE/,
  ],
  [
    'one of a firewall on the way',
    (one) => secured(one, {}, corporate),
    'tls',
    'tls_intercepted',
    /"Zscaler Root CA", which looks like a firewall.*--ca FILE/,
  ],
  [
    'one that nobody has signed',
    (one) => secured(one, { selfSigned: true }),
    'tls',
    'tls_self_signed',
    /signed by itself.*--ca FILE/,
  ],
  ['one that ends soon', (one) => secured(one, { days: 5 }), 'tls', 'tls_expires_soon', /good for [45] days.*renewed/],
  [
    'one that is not looked at',
    async (one) => ({ ...(await secured(one)), network: { skipVerify: true } }),
    'tls',
    'tls_unverified',
    /not verified.*--ca FILE/,
  ],
  [
    'no TLS at a port that should speak it',
    ({ url }) => ({ url: url.replace('http', 'https') }),
    'tls',
    'tls_not_spoken',
    /no TLS is spoken there.*http:\/\//,
  ],
  [
    'nothing said at such a port',
    async () => ({ url: (await silence()).replace('http', 'https'), patienceMs: 3_000 }),
    'tls',
    'tls_silent',
    /timed out.*TLS at all/,
  ],
  [
    'TLS at a port that should speak none',
    async (one) => ({ url: (await secured(one)).url.replace('https', 'http') }),
    'server',
    'wants_tls',
    /TLS is spoken there.*https:\/\/localhost/,
  ],
]

needsTool('openssl')('TLS', () => {
  beforeAll(() => {
    authority = new Authority(`${ward().folder}/authority`)
    corporate = new Authority(`${ward().folder}/corporate`, 'Zscaler Root CA')
  })

  test.each(FAULTS)('%s', async (...fault) => {
    await expectFault(ward(), fault)
  })

  test('all is well, with an agent’s credential through a proxy that wants a login, and no agent is left behind', async () => {
    const { cert, key } = authority.sign('server', { hosts: ['127.0.0.1'] })
    const ca = authority.pem
    const tls = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
    const secure = await Ward.open({ tls }, { ca })
    onTestFinished(() => secure.close())
    const proxy = await ConnectProxy.start()
    onTestFinished(() => proxy.close())
    const { token } = await secure.tokenOf('agent')
    const network = { ca, proxy: `http://me:secret@${proxy.host}` }
    const findings = await secure.findings({ url: secure.url, token, network, idleMs: 3_000 })
    expectWell(findings, ['name'])
    expect(findings.find(({ check }) => check === 'welcome')?.found).toContain('you are the agent')
    expect(findings.find(({ check }) => check === 'tunnel')?.found).toContain('takes the login')
    expect((await secure.client.call('agents', {})).agents).toEqual([])
  })
})
