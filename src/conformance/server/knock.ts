import { randomBytes } from 'node:crypto'
import { type IncomingHttpHeaders, request } from 'node:http'
import { type Network, reach } from '../../socket/index.ts'
import { Deviation } from '../verdict.ts'
import { PATIENCE_MS } from '../waiting.ts'

/** Asks for an upgrade with these headers, and tells what was answered. A socket that opens is dropped at once. */
export async function knock(
  url: URL,
  network: Network,
  headers: Record<string, string>,
): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  const upgrade = {
    host: url.host,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-version': '13',
  }
  const socket = await reach(url, network, PATIENCE_MS)
  return new Promise((resolve, reject) => {
    const asked = request({
      path: url.pathname,
      headers: { ...upgrade, ...headers },
      timeout: PATIENCE_MS,
      createConnection: () => socket,
    })
    asked.once('upgrade', (response, upgraded) => {
      upgraded.destroy()
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
