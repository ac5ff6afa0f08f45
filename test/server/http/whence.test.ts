import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { Trusted } from '../../../src/server/http/trusted.ts'
import { pathWithin, whenceOf } from '../../../src/server/http/whence.ts'

const PROXIES = ['127.0.0.1', '10.0.0.0/8', 'fd00::/8']

/** Of a request from a peer with these headers, seen by a server that trusts the proxies. */
function whence(peer: string, headers: Record<string, string> = {}, { encrypted = false, trust = PROXIES } = {}) {
  const socket = { remoteAddress: peer, ...(encrypted ? { encrypted } : {}) }
  return whenceOf(
    { socket, headers: { host: 'internal:7800', ...headers } } as unknown as IncomingMessage,
    new Trusted(trust),
  )
}

const FROM_PROXY = {
  'x-forwarded-for': '198.51.100.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'ci.example.com',
  'x-forwarded-prefix': '/ci',
}

describe('where a request comes from', () => {
  test('is what a trusted proxy says', () => {
    expect(whence('127.0.0.1', FROM_PROXY)).toEqual({
      address: '198.51.100.7',
      secure: true,
      host: 'ci.example.com',
      prefix: '/ci',
      proxied: true,
    })
  })

  test('is the peer itself where nobody is trusted, whatever the headers say', () => {
    const plain = { address: '127.0.0.1', secure: false, host: 'internal:7800', prefix: '', proxied: false }
    expect(whence('127.0.0.1', FROM_PROXY, { trust: [] })).toEqual(plain)
    expect(whence('192.0.2.1', FROM_PROXY)).toEqual({ ...plain, address: '192.0.2.1' })
  })

  test('is the proxy where that says nothing of the client', () => {
    const silent = { address: '10.1.2.3', secure: false, host: 'internal:7800', prefix: '', proxied: true }
    expect(whence('10.1.2.3')).toEqual(silent)
  })

  test('is not what `Forwarded` says: who writes the other headers passes this one on as the client sent it', () => {
    expect(whence('127.0.0.1', { forwarded: 'for=6.6.6.6;proto=https' })).toMatchObject({
      address: '127.0.0.1',
      secure: false,
    })
  })

  test.each([
    ['one hop', '198.51.100.7', '198.51.100.7'],
    ['a client that lies', '6.6.6.6, 198.51.100.7', '198.51.100.7'],
    ['a client that names a trusted one', '10.0.0.9, 198.51.100.7', '198.51.100.7'],
    ['two trusted proxies', '6.6.6.6, 198.51.100.7, 10.0.0.2', '198.51.100.7'],
    ['a client among the trusted', '10.0.0.8, 10.0.0.2', '10.0.0.8'],
    ['a port', '198.51.100.7:4711', '198.51.100.7'],
    ['IPv6', '2001:DB8::0:7', '2001:db8::7'],
    ['IPv6 with brackets and a port', '[2001:db8::7]:4711', '2001:db8::7'],
    ['IPv6 with a zone', 'fe80::7%eth0', 'fe80::7'],
    ['a trusted IPv6 proxy between', '2001:db8::7, [fd00::2]:80', '2001:db8::7'],
    ['IPv4 as IPv6', '::ffff:198.51.100.7', '198.51.100.7'],
    ['IPv4 as IPv6 in hex', '::ffff:c633:6407', '198.51.100.7'],
    ['nothing', '', '127.0.0.1'],
    ['only commas', ',,,', '127.0.0.1'],
    ['the word for nobody', 'unknown', '127.0.0.1'],
    ['garbage behind a trusted proxy', 'x\u0000y, 10.0.0.2', '10.0.0.2'],
    ['garbage beyond the client', '__proto__, 198.51.100.7', '198.51.100.7'],
    ['half an address', '[::1', '127.0.0.1'],
    ['a number too many', '1.2.3.4.5', '127.0.0.1'],
  ])('%s in X-Forwarded-For', (_, header, address) => {
    expect(whence('127.0.0.1', { 'x-forwarded-for': header }).address).toBe(address)
  })

  test('a chain of a thousand trusted hops is not followed to its end', () => {
    const chain = ['6.6.6.6', ...Array.from({ length: 1000 }, () => '10.0.0.2')].join(', ')
    expect(whence('127.0.0.1', { 'x-forwarded-for': chain }).address).toBe('10.0.0.2')
  })

  test('an IPv4 peer on a socket for both kinds is the same one', () => {
    expect(whence('::ffff:10.0.0.2', { 'x-forwarded-for': '198.51.100.7' }).address).toBe('198.51.100.7')
  })

  test('scheme, host and prefix are those that the hop next to the client saw', () => {
    const chain = {
      'x-forwarded-for': '6.6.6.6, 198.51.100.7, 10.0.0.2',
      'x-forwarded-proto': 'http, https, http',
      'x-forwarded-host': 'evil.example, ci.example.com, inner:8080',
    }
    expect(whence('127.0.0.1', chain)).toMatchObject({ secure: true, host: 'ci.example.com' })
  })

  test.each([
    ['https', true],
    ['HTTPS', true],
    ['wss', true],
    ['http', false],
    ['', false],
    ['https://', false],
  ])('X-Forwarded-Proto %j is TLS: %s', (proto, secure) => {
    expect(whence('127.0.0.1', { 'x-forwarded-proto': proto }).secure).toBe(secure)
  })

  test('without a word on the scheme it is that of the connection', () => {
    expect(whence('127.0.0.1', {}, { encrypted: true }).secure).toBe(true)
    expect(whence('192.0.2.1', {}, { encrypted: true }).secure).toBe(true)
  })

  test.each([
    ['/ci', '/ci'],
    ['/ci/', '/ci'],
    ['/tools/ci', '/tools/ci'],
    ['/', ''],
    ['', ''],
    ['ci', ''],
    ['//evil.example', ''],
    ['/../etc', ''],
    ['/ci?x', ''],
    ['/c i', ''],
    [`/${'a'.repeat(300)}`, ''],
  ])('X-Forwarded-Prefix %j is the prefix %j', (header, prefix) => {
    expect(whence('127.0.0.1', { 'x-forwarded-prefix': header }).prefix).toBe(prefix)
  })

  test('a name that is none is no host', () => {
    expect(whence('192.0.2.1', { host: 'a b' }).host).toBe('')
    expect(whence('127.0.0.1', { 'x-forwarded-host': 'x/../y' }).host).toBe('internal:7800')
  })
})

describe('a path', () => {
  test.each([
    ['/ci', '/ci/bus', '/bus'],
    ['/ci', '/bus', '/bus'],
    ['/ci', '/cider/bus', '/cider/bus'],
    ['/ci', '/ci', '/ci'],
    ['', '/ci/bus', '/ci/bus'],
  ])('under the prefix %j: %s is %s', (prefix, path, within) => {
    expect(pathWithin(prefix, path)).toBe(within)
  })
})

describe('a list of trusted proxies', () => {
  test.each(['', 'nginx', '10.0.0.0/33', '10.0.0/8', '1.2.3.4/', '::1/129', 'fe80::1%eth0', '*', '1', 'true'])(
    'refuses %j',
    (text) => {
      expect(() => new Trusted([text])).toThrow(/a trusted proxy is an address, a range .* or loopback/)
    },
  )

  test('takes addresses, ranges and loopback of both kinds', () => {
    const trusted = new Trusted(['loopback', '192.0.2.1', '2001:db8::/32'])
    const asked = ['127.0.0.1', '127.9.9.9', '::1', '192.0.2.1', '192.0.2.2', '2001:db8::9', '2001:db9::9', '']
    expect(asked.filter((address) => trusted.has(address))).toEqual([
      '127.0.0.1',
      '127.9.9.9',
      '::1',
      '192.0.2.1',
      '2001:db8::9',
    ])
  })
})
