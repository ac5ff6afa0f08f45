import { BlockList, isIP } from 'node:net'

/**
 * Whether a list such as `localhost, .corp.example, 10.0.0.0/8, [fd00::1]:8443` names this host. A name stands for itself and all
 * below it, with or without a leading `.` or `*.`; `*` is everything; a port narrows an entry. An entry that is none of these
 * matches nothing. Names are not looked up: an address in the list does not keep a name from the proxy.
 */
export function isListed(list: string, host: string, port: number): boolean {
  const plain = unbracketed(host.toLowerCase()).replace(/\.$/, '')
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && matches(entryOf(entry), plain, port))
}

/** Of this machine only. */
export function isLoopback(host: string): boolean {
  return isListed('localhost 127.0.0.0/8 ::1', host, 0)
}

/** As a URL has it, `[::1]`, or as everybody else. */
export function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}

interface Entry {
  name: string
  port: string | undefined
}

/** More than one colon is an address of IPv6, which can only have a port in brackets. */
function entryOf(text: string): Entry {
  const [, inside, bits = '', port] = /^\[([^\]]*)\](\/\d+)?(?::(\d+))?$/.exec(text) ?? []
  if (inside !== undefined) return { name: inside + bits, port }
  const [, name, only] = /^([^:]*):(\d+)$/.exec(text) ?? []
  return name === undefined ? { name: text, port: undefined } : { name, port: only }
}

function matches({ name, port: only }: Entry, host: string, port: number): boolean {
  if (only !== undefined && Number(only) !== port) return false
  if (name === '*') return true
  return isIP(host) === 0 ? isBelow(host, name) : isInside(host, name)
}

function isBelow(host: string, name: string): boolean {
  const top = name.replace(/^\*?\./, '')
  return top !== '' && (host === top || host.endsWith(`.${top}`))
}

/** The one address, or the network `10.0.0.0/8`. */
function isInside(host: string, name: string): boolean {
  const [address = '', bits, ...more] = name.split('/')
  const family = isIP(address)
  const most = family === 4 ? 32 : 128
  const prefix = bits === undefined ? most : Number(bits)
  if (family === 0 || more.length > 0 || bits === '' || !(prefix >= 0 && prefix <= most)) return false
  const block = new BlockList()
  block.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
  return block.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6')
}
