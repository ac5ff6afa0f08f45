import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Answer, ConnectProxy } from '../support/connect-proxy.ts'
import { listening, urlOf } from '../support/listening.ts'
import { expectFault, type Fault, type Planted, sharedWard, type Ward } from './ward.ts'

const ward = sharedWard()

/** A port on which nobody listens. */
async function closedPort(): Promise<string> {
  const server = await listening(createServer())
  const url = urlOf(server)
  await new Promise((resolve) => server.close(resolve))
  return url
}

/** The server, behind a proxy that answers so. */
async function proxied({ url }: Ward, answer: Answer, login = ''): Promise<Planted> {
  const proxy = await ConnectProxy.start(answer)
  onTestFinished(() => proxy.close())
  return { url, network: { proxy: `http://${login}${proxy.host}` } }
}

const says = (status: string, ...headers: string[]): Answer => ({
  says: [`HTTP/1.1 ${status}`, ...headers, 'content-length: 0', '', ''].join('\r\n'),
})
const BASIC = 'proxy-authenticate: Basic realm="corp"'
const LOGIN = 'me:wrong-one@'
/** Of somebody who never answers. */
const BRIEF = { patienceMs: 3_000 }

const FAULTS: readonly Fault[] = [
  [
    'a closed port',
    async () => ({ url: await closedPort() }),
    'connection',
    'refused',
    /nobody listens.*start the server/,
  ],
  [
    'a proxy that is not there',
    async ({ url }) => ({ url, network: { proxy: await closedPort() } }),
    'connection',
    'refused',
    /nobody listens.*start the proxy/,
  ],
  [
    'a proxy of a kind that is not spoken',
    () => ({ url: 'http://ci.example.com', network: { env: { ALL_PROXY: 'socks5://127.0.0.1:1080' } } }),
    'proxy',
    'proxy_address',
    /ALL_PROXY names a SOCKS proxy.*--proxy none/,
  ],
  [
    'a proxy that wants a login',
    (one) => proxied(one, says('407 Auth', BASIC)),
    'tunnel',
    'proxy_login',
    /wants a user and a password.*http:\/\/USER:PASSWORD@127/,
  ],
  [
    'a proxy that refuses the login',
    (one) => proxied(one, says('407 Auth', BASIC), LOGIN),
    'tunnel',
    'proxy_password',
    /refuses the user and password.*correct them/,
  ],
  [
    'a proxy that allows other ports only',
    (one) => proxied(one, says('403 Forbidden')),
    'tunnel',
    'proxy_forbidden',
    /refuses to connect to 127\.0\.0\.1:\d+.*most proxies allow port 443 only.*allowed/,
  ],
  [
    'a proxy that does not reach the server',
    (one) => proxied(one, says('502 Bad Gateway')),
    'tunnel',
    'proxy_no_way',
    /cannot connect to .*HTTP 502.*start the server/,
  ],
  [
    'a proxy that is none',
    (one) => proxied(one, says('405 Method Not Allowed')),
    'tunnel',
    'proxy_none',
    /does not know CONNECT/,
  ],
  [
    'a proxy that says nothing',
    async (one) => ({ ...(await proxied(one, 'silence')), ...BRIEF }),
    'tunnel',
    'proxy_silent',
    /timed out.*does it run/,
  ],
]

describe('on the way to the server', () => {
  test.each(FAULTS)('%s', async (...fault) => {
    await expectFault(ward(), fault)
  })

  test('an unknown host', async () => {
    const findings = await ward().findings({ url: 'http://drumline.invalid', patienceMs: 5_000 })
    const [fault, ...more] = findings.filter((finding) => 'code' in finding)
    // On a machine without a name server that is what is wrong.
    expect(fault).toMatchObject({ check: 'name', code: expect.stringMatching(/^name_(unknown|server)$/) })
    expect(fault?.found).toContain('drumline.invalid')
    expect(more).toEqual([])
  })

  test('nothing, where NO_PROXY names the server', async () => {
    const network = { env: { HTTP_PROXY: 'http://127.0.0.1:9', NO_PROXY: 'drumline.invalid' } }
    const [proxy] = await ward().findings({ url: 'http://drumline.invalid', network, patienceMs: 5_000 })
    expect(proxy).toMatchObject({ check: 'proxy', status: 'ok', found: expect.stringContaining('NO_PROXY') })
  })
})
