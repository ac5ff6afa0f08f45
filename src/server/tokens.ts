import { createHash, randomBytes } from 'node:crypto'

/**
 * 256 random bits, recognisable in a leaked file by its first four letters: `dre_` is good for one enrolment only, `drs_` is a
 * page's cookie, code or ticket.
 */
export function newToken(kind: 'drl' | 'dre' | 'drs' = 'drl'): string {
  return `${kind}_${randomBytes(32).toString('base64url')}`
}

/** What the store keeps of a token. A look-up by digest tells nothing by its timing: guesses are spread by the hash. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex')
}

/** Same key, same method, other parameters must not count as a repeat. */
export function paramsHash(params: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(params)))
    .digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([key, item]) => [key, sorted(item)])
}
