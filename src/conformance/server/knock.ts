import { randomBytes } from 'node:crypto'
import { request as http, type IncomingHttpHeaders } from 'node:http'
import { request as https } from 'node:https'
import { Deviation } from '../verdict.ts'
import { PATIENCE_MS } from '../waiting.ts'

/** Asks for an upgrade with these headers, and tells what was answered. A socket that opens is dropped at once. */
export function knock(
  url: URL,
  headers: Record<string, string>,
): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  const secure = url.protocol === 'wss:'
  const target = new URL(`${secure ? 'https' : 'http'}://${url.host}${url.pathname}`)
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-version': '13',
  }
  return new Promise((resolve, reject) => {
    const asked = (secure ? https : http)(target, { headers: { ...upgrade, ...headers }, timeout: PATIENCE_MS })
    asked.once('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode ?? 0, headers: response.headers })
    })
    asked.once('response', (response) => {
      response.resume()
      resolve({ status: response.statusCode ?? 0, headers: response.headers })
    })
    asked.once('timeout', () => asked.destroy(new Error('no answer')))
    asked.once('error', (error) => reject(new Deviation('an answer to the upgrade', error.message)))
    asked.end()
  })
}
