import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { StartError } from '../start-error.ts'
import { app, type Health } from './app.ts'
import type { Door } from './door.ts'
import { refuse } from './refuse.ts'

/** Node's defaults let a slow header take a minute. After an upgrade none of these apply. */
const HTTP = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16 * 1024,
} as const

export interface Listening {
  readonly port: number
  /** No new sockets, and those that are no bus end. Resolves once the port is free. */
  close(): Promise<void>
}

/** Opens the port. Rejects with `StartError` where that is impossible. */
export async function listen(options: { host: string; port: number; health: Health; door: Door }): Promise<Listening> {
  const { host, port, health, door } = options
  const listener = getRequestListener(app(health).fetch, { overrideGlobalObjects: false })
  const server = createServer(HTTP, (request, response) => void listener(request, response))
  server.on('upgrade', door.knock)
  server.on('clientError', badRequest)
  await opened(server, host, port)
  const address = server.address() as AddressInfo
  return { port: address.port, close: () => closed(server) }
}

function opened(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(startError(error, host, port)))
    server.listen(port, host, resolve)
  })
}

function startError(error: NodeJS.ErrnoException, host: string, port: number): StartError {
  if (error.code === 'EADDRINUSE') return new StartError('port_taken', `port ${port} on ${host} is taken`)
  return new StartError('address_refused', `cannot listen on ${host}:${port}: ${error.message}`)
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function badRequest(_error: Error, socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  refuse(socket, { status: 400, code: 'bad_request', message: 'not a request this server understands' })
}
