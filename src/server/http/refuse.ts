import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ErrorCode } from '../../protocol/index.ts'
import type { RefusalReason } from '../bounds.ts'
import { ALWAYS } from './headers.ts'

export interface Refusal {
  status: 400 | 401 | 403 | 404 | 405 | 426 | 429 | 503
  code: ErrorCode
  message: string
  retryAfterS?: number
  /** Where the status alone does not tell. */
  reason?: RefusalReason
  /** What a 401 says in `WWW-Authenticate`. */
  challenge?: string
}

const BY_STATUS: Readonly<Record<Refusal['status'], RefusalReason>> = {
  400: 'malformed',
  401: 'credential',
  403: 'origin',
  404: 'path',
  405: 'path',
  426: 'malformed',
  429: 'rate',
  503: 'unavailable',
}

/** Why, as it is counted. */
export function reasonOf({ status, reason }: Refusal): RefusalReason {
  return reason ?? BY_STATUS[status]
}

export const UNAVAILABLE: Refusal = { status: 503, code: 'unavailable', message: 'not now', retryAfterS: 5 }

const STRANGER = { status: 401, code: 'forbidden', message: 'the credential is not known' } as const
/** None came: told from a wrong one by the challenge alone, since whoever sent one must know that it was lost on the way. */
export const MISSING: Refusal = { ...STRANGER, challenge: 'Bearer' }
export const UNKNOWN: Refusal = { ...STRANGER, challenge: 'Bearer error="invalid_token"' }
/** Something on the way took the upgrade off. */
export const NO_UPGRADE: Refusal = {
  status: 426,
  code: 'bad_request',
  message: 'the bus takes a WebSocket; no Upgrade came',
}

/** What a refusal says beside its body. */
export function refusalHeaders({ status, retryAfterS, challenge }: Refusal): Record<string, string> {
  return {
    ...(challenge === undefined ? {} : { 'www-authenticate': challenge }),
    ...(status === 426 ? { upgrade: 'websocket' } : {}),
    ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
  }
}

/** Answers an upgrade that will not be one, and lets the socket go. */
export function refuse(socket: Duplex, refusal: Refusal): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, code, message } = refusal
  const body = JSON.stringify({ error: { code, message } })
  const headers = {
    connection: 'close',
    ...ALWAYS,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...refusalHeaders(refusal),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.once('finish', () => socket.destroy())
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'))
}
