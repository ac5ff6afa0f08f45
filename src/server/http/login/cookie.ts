import { LOGIN } from '../../../protocol/index.ts'
import type { Whence } from '../whence.ts'

/** The value of our cookie, if the request has one. */
export function cookieOf(header: string | undefined, whence: Whence): string | undefined {
  const name = nameOf(whence)
  for (const pair of (header ?? '').split(';')) {
    const [key = '', value = ''] = pair.trim().split('=', 2)
    if (key === name && value !== '') return value
  }
  return undefined
}

/** `Set-Cookie` of a login. No script and no page of another site ever has it. */
export function cookieFor(secret: string, whence: Whence): string {
  return written(secret, LOGIN.maxMs / 1000, whence)
}

/** `Set-Cookie` that takes it back. */
export function noCookie(whence: Whence): string {
  return written('', 0, whence)
}

function written(value: string, seconds: number, whence: Whence): string {
  const parts = [
    `${nameOf(whence)}=${value}`,
    `Path=${whence.prefix === '' ? '/' : whence.prefix}`,
    `Max-Age=${seconds}`,
    'HttpOnly',
    'SameSite=Strict',
  ]
  return [...parts, ...(whence.secure ? ['Secure'] : [])].join('; ')
}

/**
 * With `__Host-` no other name of the domain can set it; it wants TLS and the whole host. Cookies know no ports: two servers
 * on one machine would log each other's pages out.
 */
function nameOf({ secure, prefix, host }: Whence): string {
  const port = /:(\d+)$/.exec(host)?.[1]
  return `${secure && prefix === '' ? '__Host-' : ''}drumline${port === undefined ? '' : `-${port}`}`
}
