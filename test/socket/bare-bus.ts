import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { dial, type SocketPort } from '../../src/socket/index.ts'
import { waitUntil } from '../support/wait-until.ts'

/** What a test leaves open is closed after it, last first. */
export const leftOpen: (() => void)[] = []
afterEach(() => {
  for (const close of leftOpen.splice(0)) close()
})

export interface Bus {
  url: string
  sockets: WebSocket[]
  requests: IncomingMessage[]
}

/** A bare WebSocket server that speaks our subprotocol, or refuses as told; over TLS if it is given a certificate. */
export async function bus(refuse?: (response: ServerResponse) => void, tls?: ServerOptions): Promise<Bus> {
  const found: Bus = { url: '', sockets: [], requests: [] }
  const answer = (_request: IncomingMessage, response: ServerResponse) => refuse?.(response)
  const http = tls === undefined ? createServer(answer) : createTlsServer(tls, answer)
  const raw = new Set<Socket>()
  http.on('connection', (socket) => raw.add(socket))
  leftOpen.push(() => {
    http.close()
    for (const socket of raw) socket.destroy()
  })
  if (refuse === undefined) {
    const wss = new WebSocketServer({ server: http, handleProtocols: () => 'drumline.v1', perMessageDeflate: true })
    wss.on('connection', (ws, request) => {
      found.sockets.push(ws)
      found.requests.push(request)
    })
  }
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  found.url = `${tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${(http.address() as AddressInfo).port}/bus`
  return found
}

/** A dialled client and the server's end of it. */
export async function joined(
  options: { maxBytes?: number } = {},
): Promise<{ client: SocketPort; server: WebSocket; bus: Bus }> {
  const there = await bus()
  const client = await dial(there.url, { token: 'dl_secret', maxBytes: options.maxBytes ?? 1024 })
  leftOpen.push(() => client.terminate())
  const server = await waitUntil(() => there.sockets[0])
  return { client, server, bus: there }
}
