import { BlockList, isIP, SocketAddress } from 'node:net'
import { StartError } from '../start-error.ts'

const LOOPBACK = ['127.0.0.0/8', '::1'] as const

/** The proxies whose word on a client counts. */
export class Trusted {
  readonly #ranges = new BlockList()
  readonly #any: boolean

  /** Takes addresses, ranges such as `10.0.0.0/8`, and the word `loopback`. Throws `StartError` for anything else. */
  constructor(proxies: readonly string[] = []) {
    this.#any = proxies.length > 0
    for (const proxy of proxies.flatMap((text) => (text === 'loopback' ? LOOPBACK : text))) this.#add(proxy)
  }

  /** Anybody at all. */
  get any(): boolean {
    return this.#any
  }

  /** Of an address as `plainAddress` writes it. */
  has(address: string): boolean {
    const version = isIP(address)
    return version !== 0 && this.#ranges.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }

  #add(text: string): void {
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
    const version = isIP(address)
    const most = version === 6 ? 128 : 32
    if (version === 0 || Number(bits ?? 0) > most || address.includes('%')) throw notATrusted(text)
    this.#ranges.addSubnet(address, Number(bits ?? most), version === 6 ? 'ipv6' : 'ipv4')
  }
}

function notATrusted(text: string): StartError {
  const shown = JSON.stringify(text.slice(0, 64))
  return new StartError(
    'bad_option',
    `a trusted proxy is an address, a range such as 10.0.0.0/8, or loopback, not ${shown}`,
  )
}

/**
 * An address in the one way in which it is compared: from `[::1]:80`, `1.2.3.4:80`, `fe80::1%eth0` or `::ffff:1.2.3.4`,
 * without port, zone and mapping. Undefined for what is none.
 */
export function plainAddress(text: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text
  const [address = ''] = bare.split('%', 1)
  const version = isIP(address)
  if (version !== 6) return version === 4 ? address : undefined
  return new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=[\d.]+$)/, '')
}

/** Whether an address, as `plainAddress` writes it, is this machine's own. */
export function isLoopback(address: string): boolean {
  return /^127(\.\d{1,3}){3}$|^::1$/.test(address)
}
