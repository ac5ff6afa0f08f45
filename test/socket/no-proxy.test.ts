import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isListed, isLoopback } from '../../src/socket/no-proxy.ts'

describe('NO_PROXY', () => {
  test.each([
    ['a name', 'ci.example.com', 'ci.example.com'],
    ['in any case', 'CI.Example.com', 'ci.example.COM'],
    ['and all below it', 'example.com', 'ci.example.com'],
    ['a suffix with its dot', '.example.com', 'ci.example.com'],
    ['which names the top as well', '.example.com', 'example.com'],
    ['a suffix with a star', '*.example.com', 'a.b.example.com'],
    ['a name that ends with a dot', 'example.com', 'example.com.'],
    ['everything', '*', 'anything'],
    ['one of many', 'a, b\tc,,d', 'c'],
    ['a port', 'ci.example.com:443', 'ci.example.com'],
    ['everything at a port', '*:443', '10.1.2.3'],
    ['an address', '10.1.2.3', '10.1.2.3'],
    ['an address with its port', '10.1.2.3:443', '10.1.2.3'],
    ['a network', '10.0.0.0/8', '10.255.0.1'],
    ['the network of all', '0.0.0.0/0', '10.255.0.1'],
    ['an address of IPv6', 'fd00::1', '[fd00::1]'],
    ['in brackets', '[fd00::1]', 'fd00::1'],
    ['in brackets with its port', '[fd00::1]:443', '[fd00::1]'],
    ['written at length', 'fd00:0:0:0:0:0:0:1', '[fd00::1]'],
    ['a network of IPv6', 'fd00::/8', '[fdab::7]'],
    ['a network in brackets', '[fd00::]/8', '[fdab::7]'],
    ['an address of IPv4 written as one of IPv6', '10.0.0.0/8', '[::ffff:a01:203]'],
  ])('takes %s', (_, list, host) => {
    expect(isListed(list, host, 443)).toBe(true)
  })

  test.each([
    ['nothing when it is empty', ' ,, ', 'ci.example.com'],
    ['no name that only ends alike', 'example.com', 'notexample.com'],
    ['nothing above a name', 'ci.example.com', 'example.com'],
    ['no other port', 'ci.example.com:8443', 'ci.example.com'],
    ['no other port of an address', '[fd00::1]:8443', '[fd00::1]'],
    ['no address next to it', '10.1.2.3', '10.1.2.30'],
    ['no other network', '10.0.0.0/8', '11.0.0.1'],
    ['no network of the other family', 'fd00::/8', '10.0.0.1'],
    ['no address by its tail', '2.3', '10.1.2.3'],
    ['no name by a number', '10.0.0.0/8', '10.example.com'],
    ['no mask that is too long', '10.0.0.0/33', '10.0.0.0'],
    ['no mask that is none', '10.0.0.0/', '10.0.0.0'],
    ['no mask that is a word', '10.0.0.0/all', '10.0.0.0'],
    ['nothing by a bare dot', '.', 'ci'],
    ['nothing by a bare port', ':443', 'ci'],
  ])('takes %s', (_, list, host) => {
    expect(isListed(list, host, 443)).toBe(false)
  })

  test('takes exactly the addresses whose first bits are the network’s', () => {
    const address = fc.integer({ min: 0, max: 0xff_ff_ff_ff })
    // Mostly neighbours: two addresses drawn apart share few bits.
    const pair = fc.tuple(address, fc.oneof(address, fc.integer({ min: 0, max: 31 }))).map(([a, b]) => {
      return b <= 31 ? ([a, (a ^ (2 ** b)) >>> 0] as const) : ([a, b] as const)
    })
    fc.assert(
      fc.property(pair, fc.integer({ min: 0, max: 32 }), ([network, host], bits) => {
        const size = 2n ** BigInt(32 - bits)
        const inside = BigInt(network) / size === BigInt(host) / size
        expect(isListed(`${dotted(network)}/${bits}`, dotted(host), 443)).toBe(inside)
      }),
      { numRuns: 500 },
    )
  })

  test('is never more than a list: two together take what either takes', () => {
    const entry = fc.constantFrom(
      'a.b',
      '.b',
      '*:80',
      '10.0.0.0/8',
      '10.0.0.1',
      '[::1]:443',
      '::/3',
      'b:443',
      '*.c',
      'c',
    )
    const host = fc.constantFrom('a.b', 'b', 'x.c', '10.0.0.1', '[::1]', '[2000::1]', 'other')
    fc.assert(
      fc.property(entry, entry, host, fc.constantFrom(80, 443), (first, second, name, port) => {
        const either = isListed(first, name, port) || isListed(second, name, port)
        expect(isListed(`${first},${second}`, name, port)).toBe(either)
      }),
      { numRuns: 300 },
    )
  })

  test('may hold anything', () => {
    const soup = fc.string({ unit: fc.constantFrom(...'ab.:*/[]0129, f-'), maxLength: 30 })
    fc.assert(
      fc.property(soup, fc.oneof(soup, fc.ipV4(), fc.ipV6(), fc.domain()), (list, host) => {
        expect(typeof isListed(list, host, 443)).toBe('boolean')
      }),
      { numRuns: 1000 },
    )
  })
})

test.each([
  ['localhost', true],
  ['ci.localhost', true],
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['[::1]', true],
  ['128.0.0.1', false],
  ['localhost.example.com', false],
  ['0.0.0.0', false],
])('whether %s is this machine: %s', (host, here) => {
  expect(isLoopback(host)).toBe(here)
})

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')
}
