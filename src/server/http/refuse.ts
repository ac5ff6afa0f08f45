import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** Marks every answer as Drumline's own: an agent tells its server's refusal from a proxy's by it. */
export const MARK = { drumline: '1' } as const

export interface Refusal {
  status: 400 | 401 | 403 | 404 | 429 | 503
  code: string
  message: string
  retryAfterS?: number
}

/** Answers an upgrade that will not be one, and lets the socket go. */
export function refuse(socket: Duplex, refusal: Refusal): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, code, message, retryAfterS } = refusal
  const body = JSON.stringify({ error: { code, message } })
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    `drumline: ${MARK.drumline}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(status === 401 ? ['WWW-Authenticate: Bearer'] : []),
    ...(retryAfterS === undefined ? [] : [`Retry-After: ${retryAfterS}`]),
  ]
  socket.once('finish', () => socket.destroy())
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
