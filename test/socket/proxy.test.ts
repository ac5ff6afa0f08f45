import { describe, expect, test } from 'vitest'
import type { Network } from '../../src/socket/index.ts'
import { proxyFor } from '../../src/socket/proxy.ts'

const WSS = 'wss://ci.example.com/bus'
const WS = 'ws://ci.example.com:7800/bus'

/** Which proxy an address goes through, as `URL by NAME`. */
function chosen(url: string, network: Network): string | undefined {
  const proxy = proxyFor(new URL(url), network)
  return proxy && `${proxy.url.origin} by ${proxy.from}`
}

describe('which proxy is taken', () => {
  test.each<[what: string, url: string, env: NonNullable<Network['env']>, proxy: string | undefined]>([
    ['none without a variable', WSS, { HTTP_PROXY: 'http://p' }, undefined],
    ['HTTPS_PROXY for wss', WSS, { HTTPS_PROXY: 'http://p:3128' }, 'http://p:3128 by HTTPS_PROXY'],
    ['HTTP_PROXY for ws', WS, { HTTP_PROXY: 'http://p:3128', HTTPS_PROXY: 'http://q' }, 'http://p:3128 by HTTP_PROXY'],
    ['ALL_PROXY for either', WS, { ALL_PROXY: 'http://p', HTTPS_PROXY: 'http://q' }, 'http://p by ALL_PROXY'],
    [
      'the scheme’s own before ALL_PROXY',
      WSS,
      { ALL_PROXY: 'http://p', HTTPS_PROXY: 'http://q' },
      'http://q by HTTPS_PROXY',
    ],
    ['lower case before upper', WSS, { https_proxy: 'http://p', HTTPS_PROXY: 'http://q' }, 'http://p by https_proxy'],
    ['what is set before what is empty', WSS, { https_proxy: ' ', HTTPS_PROXY: 'http://q' }, 'http://q by HTTPS_PROXY'],
    ['http when no scheme is given', WSS, { https_proxy: 'p:3128' }, 'http://p:3128 by https_proxy'],
    ['one over TLS', WSS, { https_proxy: 'https://p:3129' }, 'https://p:3129 by https_proxy'],
    ['one of IPv6', WSS, { https_proxy: 'http://[fd00::1]:3128' }, 'http://[fd00::1]:3128 by https_proxy'],
    ['none for what NO_PROXY names', WSS, { https_proxy: 'http://p', NO_PROXY: '.example.com' }, undefined],
    ['none at the port that NO_PROXY names', WSS, { https_proxy: 'http://p', NO_PROXY: '*:443' }, undefined],
    [
      'no_proxy before NO_PROXY',
      WSS,
      { https_proxy: 'http://p', no_proxy: 'x', NO_PROXY: '*' },
      'http://p by https_proxy',
    ],
    ['none for this machine', 'ws://127.0.0.1:7800/bus', { ALL_PROXY: 'http://p' }, undefined],
    ['none for this machine by name', 'wss://localhost:7800/bus', { ALL_PROXY: 'http://p' }, undefined],
    [
      'no HTTP_PROXY that a caller of a CGI program sent',
      WS,
      { HTTP_PROXY: 'http://p', REQUEST_METHOD: 'GET' },
      undefined,
    ],
    ['but http_proxy even there', WS, { http_proxy: 'http://p', REQUEST_METHOD: 'GET' }, 'http://p by http_proxy'],
  ])('%s', (_, url, env, proxy) => {
    expect(chosen(url, { env })).toBe(proxy)
  })

  test('the one given, whatever the environment says, also for this machine', () => {
    const env = { https_proxy: 'http://q', NO_PROXY: '*' }
    expect(chosen(WSS, { env, proxy: 'http://p:1' })).toBe('http://p:1 by --proxy')
    expect(chosen('ws://127.0.0.1:7800/bus', { env, proxy: 'p:1' })).toBe('http://p:1 by --proxy')
    expect(chosen(WSS, { env: { https_proxy: 'http://q' }, proxy: 'none' })).toBeUndefined()
  })
})

describe('the address of a proxy', () => {
  test.each([
    ['user:password', 'Basic dXNlcjpwYXNzd29yZA=='],
    ['DOM%5Cuser:p%40ss%3Aword', `Basic ${btoa('DOM\\user:p@ss:word')}`],
    ['user:100%', `Basic ${btoa('user:100%')}`],
    ['user', `Basic ${btoa('user:')}`],
    ['us%C3%A9r:x', 'Basic dXPDqXI6eA=='],
  ])('may hold a login: %s', (login, authorization) => {
    const proxy = proxyFor(new URL(WSS), { proxy: `http://${login}@p:3128` })
    expect(proxy).toMatchObject({ authorization })
    expect(proxy?.url.href).toBe('http://p:3128/')
  })

  test.each([
    ['socks5://user:secret@p:1080', /HTTPS_PROXY names a SOCKS proxy/],
    ['ftp://user:secret@p', /HTTPS_PROXY must begin with http:\/\/ or https:\/\/, not ftp:/],
    ['http://user:secret@p:port', /HTTPS_PROXY is not the address of a proxy/],
    ['http://', /HTTPS_PROXY is not the address of a proxy/],
  ])('is refused without repeating it: %s', (given, says) => {
    const choose = () => proxyFor(new URL(WSS), { env: { HTTPS_PROXY: given } })
    expect(choose).toThrow(says)
    expect(choose).not.toThrow(/secret/)
  })
})
