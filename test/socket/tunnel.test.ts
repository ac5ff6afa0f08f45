import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { DialError, dial, type Network } from '../../src/socket/index.ts'
import { Authority } from '../support/certificates.ts'
import { type Answer, ConnectProxy } from '../support/connect-proxy.ts'
import { listening, urlOf } from '../support/listening.ts'
import { needsTool } from '../support/tools.ts'
import { waitUntil } from '../support/wait-until.ts'
import { bus, leftOpen } from './bare-bus.ts'

const LOGIN = 'me:top%20secret'
/** For machines that do much else. */
const WAIT = { limitMs: 30_000 }
const OPTIONS = { token: 'token-of-mine', maxBytes: 1024 }

async function proxyThat(...args: Parameters<typeof ConnectProxy.start>): Promise<ConnectProxy> {
  const proxy = await ConnectProxy.start(...args)
  leftOpen.push(() => proxy.close())
  return proxy
}

/** Why a dial fails, which never repeats a secret. */
async function failure(url: string, network: Network, more: { timeoutMs?: number; signal?: AbortSignal } = {}) {
  const error = await dial(url, { ...OPTIONS, ...more, network }).catch((thrown: unknown) => thrown)
  if (!(error instanceof DialError)) throw new Error(`no DialError but ${String(error)}`)
  expect(error.message).not.toMatch(/top|secret|dG9w|bWU6|token-of-mine/)
  expect(error.message).not.toContain('\n')
  return error
}

describe('dialling through a proxy', () => {
  test('asks it to connect, also for ws, and shows the token to nobody but the server', async () => {
    const [there, proxy] = [await bus(), await proxyThat()]
    const port = await dial(there.url, { ...OPTIONS, network: { proxy: `http://${LOGIN}@${proxy.host}` } })
    leftOpen.push(() => port.terminate())
    expect(proxy.asked.map(({ method, url }) => `${method} ${url}`)).toEqual([`CONNECT ${new URL(there.url).host}`])
    expect(proxy.asked[0]?.headers['proxy-authorization']).toBe(`Basic ${btoa('me:top secret')}`)
    expect(proxy.asked[0]?.headers.authorization).toBeUndefined()
    expect(there.requests[0]?.headers.authorization).toBe('Bearer token-of-mine')
    expect(there.requests[0]?.headers['proxy-authorization']).toBeUndefined()
    port.terminate()
    await waitUntil(() => proxy.open.size === 0, WAIT)
  })

  const says = (status: string, ...headers: string[]): Answer => ({
    says: [`HTTP/1.1 ${status}`, ...headers, 'content-length: 5', '', 'sorry'].join('\r\n'),
  })
  const basic = 'Proxy-Authenticate: Basic realm="corp"'
  const others = ['Proxy-Authenticate: Negotiate', 'Proxy-Authenticate: NTLM']
  test.each<[what: string, answer: Answer, login: boolean, says: RegExp]>([
    [
      'that it wants a login',
      says('407 Auth', ...others, basic),
      false,
      /wants a user and a password.*USER:PASSWORD@127/,
    ],
    [
      'that it refuses this login',
      says('407 Auth', basic),
      true,
      /refuses the user and password in its address \(HTTP 407\)/,
    ],
    [
      'that it wants a login of a kind not spoken',
      says('407 Auth', ...others),
      true,
      /offers "Negotiate, NTLM", while only Basic/,
    ],
    ['the same in one line', says('407 Auth', 'Proxy-Authenticate: Negotiate, NTLM'), false, /"Negotiate, NTLM"/],
    [
      'that it refuses the port',
      says('403 Forbidden'),
      false,
      /refuses to connect to 127\.0\.0\.1:\d+ \(HTTP 403\): most proxies allow port 443/,
    ],
    [
      'that it finds nobody there',
      says('503 Unavailable', 'X-Squid-Error: ERR_CONNECT_FAIL 111'),
      false,
      /cannot connect to 127\.0\.0\.1:\d+ \(HTTP 503, "ERR_CONNECT_FAIL 111"\)/,
    ],
    [
      'that it is a web server',
      says('405 Method Not Allowed'),
      false,
      /does not know CONNECT \(HTTP 405\): is that a forward proxy/,
    ],
    [
      'that it speaks something else',
      { says: 'SSH-2.0-OpenSSH_9.2\r\n' },
      false,
      /is none: what answers there speaks no HTTP/,
    ],
    ['that it hangs up', { says: '' }, false, /hung up without an answer/],
  ])('says %s', async (_, answer, login, pattern) => {
    const [there, proxy] = [await bus(), await proxyThat(answer)]
    const network = { proxy: `http://${login ? `${LOGIN}@` : ''}${proxy.host}` }
    const error = await failure(there.url, network)
    expect(error.message).toMatch(pattern)
    expect(error.message).toContain(`the proxy http://${proxy.host} (--proxy)`)
    expect(there.requests).toEqual([])
    await waitUntil(() => proxy.open.size === 0, WAIT)
  })

  test('says which variable names a proxy that is not there', async () => {
    const gone = await listening(createServer())
    const address = urlOf(gone)
    gone.close()
    const error = await failure('wss://ci.example.com/bus', { env: { HTTPS_PROXY: address } })
    expect(error.message).toMatch(/^cannot reach the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\): .*ECONNREFUSED/)
  })

  test('gives a proxy up that never answers, in time or when told, and leaves nothing open', async () => {
    const proxy = await proxyThat('silence')
    const network = { proxy: proxy.host }
    const late = await failure('wss://ci.example.com/bus', network, { timeoutMs: 300 })
    expect(late.message).toMatch(/^no answer from the proxy .*: timed out after 0\.3 s$/)
    const giveUp = new AbortController()
    const told = failure('wss://ci.example.com/bus', network, { signal: giveUp.signal })
    await waitUntil(() => proxy.asked.length === 2, WAIT)
    giveUp.abort()
    expect((await told).message).toMatch(/^no answer from the proxy .*: given up$/)
    await waitUntil(() => proxy.open.size === 0, WAIT)
  })

  test('refuses a proxy whose address is none before anything is sent', async () => {
    const dialling = dial('wss://ci.example.com/bus', { ...OPTIONS, network: { proxy: 'socks5://p' } })
    await expect(dialling).rejects.toThrow(TypeError)
  })
})

const folder = mkdtempSync(join(tmpdir(), 'drumline-tunnel-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

needsTool('openssl')('dialling through a proxy over TLS', () => {
  const authority = new Authority(folder, 'Proxy Root')
  const { cert, key } = authority.sign('proxy', { hosts: ['127.0.0.1'] })
  const tls = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
  const ca = authority.pem

  test('trusts it as it trusts the server', async () => {
    const [there, proxy] = [await bus(undefined, tls), await proxyThat('connect', tls)]
    const port = await dial(there.url, { ...OPTIONS, network: { ca, proxy: `https://${LOGIN}@${proxy.host}` } })
    leftOpen.push(() => port.terminate())
    expect(there.requests[0]?.headers.authorization).toBe('Bearer token-of-mine')
    const error = await failure(there.url, { proxy: `https://${proxy.host}` })
    expect(error.message).toMatch(/^cannot reach the proxy https:\/\/127.*: its certificate comes from "Proxy Root"/)
  })

  test('says whose certificate is no good: the server’s, behind the proxy', async () => {
    const [there, proxy] = [await bus(undefined, tls), await proxyThat()]
    const error = await failure(there.url, { proxy: proxy.host })
    expect(error.message).toMatch(
      /^cannot reach wss:.* through the proxy http:.*: its certificate comes from "Proxy Root"/,
    )
  })

  test('says which of the two schemes its address should have', async () => {
    const [plain, secure] = [await proxyThat(), await proxyThat('connect', tls)]
    const none = await failure('wss://ci.example.com/bus', { ca, proxy: `https://${plain.host}` })
    expect(none.message).toContain('no TLS is spoken there; is it http://')
    const some = await failure('wss://ci.example.com/bus', { ca, proxy: `http://${secure.host}` })
    expect(some.message).toMatch(/https:\/\//)
  })

  test('gives up a server behind the proxy that never speaks TLS, and leaves nothing open', async () => {
    const silent = await listening(createServer())
    leftOpen.push(() => silent.close())
    const proxy = await proxyThat('connect', tls)
    const url = `${urlOf(silent).replace('http:', 'wss:')}/bus`
    const error = await failure(url, { ca, proxy: `https://${proxy.host}` }, { timeoutMs: 500 })
    expect(error.message).toMatch(/^no answer from (wss:|the proxy)/)
    await waitUntil(() => proxy.open.size === 0, WAIT)
  })
})
