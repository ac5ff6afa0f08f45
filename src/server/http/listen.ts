import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { SecureContextOptions } from 'node:tls'
import { getRequestListener } from '@hono/node-server'
import { StartError } from '../start-error.ts'
import { type AppOptions, app } from './app.ts'
import type { Door } from './door.ts'
import type { Entrance } from './entrance.ts'
import { ALWAYS } from './headers.ts'
import { type Refusal, refuse } from './refuse.ts'
import { SecureServer } from './secure.ts'
import { Silent } from './silent.ts'
import type { Trusted } from './trusted.ts'
import { pathWithin, whenceOf } from './whence.ts'

/** Node's defaults let a slow header take a minute. After an upgrade none of these apply. */
const HTTP = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16 * 1024,
  // Refused by our own words, not by Node's.
  requireHostHeader: false,
  // Whoever follows a quiet log and is gone without a word is found by TCP.
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
} as const

/** How long the end waits for requests that are being answered. */
const ANSWERING_MS = 2_000

export interface Listening {
  /** `http://127.0.0.1:7800`, with TLS `https://…`. */
  readonly url: string
  readonly port: number
  /** For those who come from now on. Throws `StartError` where no TLS is spoken. */
  reloadTls(tls: SecureContextOptions): void
  /** No new sockets; requests under way are answered, for a moment. Resolves once the port is free. */
  close(): Promise<void>
}

interface ListenOptions extends AppOptions, Entrance {
  door: Door
}

/** Opens the port. Rejects with `StartError` where that is impossible. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { host, tls, door } = options
  const silent = new Silent({
    trusted: options.trusted,
    onDrop: () => options.core.metrics.bus.refused('silent'),
  })
  const requests = new Requests(options, silent)
  const server =
    tls === undefined ? createServer(HTTP, requests.listener) : new SecureServer(HTTP, tls, requests.listener)
  silent.of(server)
  server.on('checkExpectation', requests.listener)
  server.on('upgrade', (request, socket, head) => {
    silent.speaks(request.socket)
    takePrefix(request, options.trusted)
    door.knock(request, socket, head)
  })
  server.on('clientError', notARequest)
  await opened(server, host, options.port)
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    reloadTls: (other) => {
      if (!(server instanceof SecureServer)) throw new StartError('tls_refused', 'the server speaks no TLS')
      server.setSecureContext(other)
    },
    close: () => closed(server, requests),
  }
}

/** From here on everybody sees the path within this server. */
function takePrefix(request: IncomingMessage, trusted: Trusted): void {
  request.url = pathWithin(whenceOf(request, trusted).prefix, request.url ?? '')
}

/** Requests being answered. */
class Requests {
  readonly listener: RequestListener
  #answering = 0
  #idle: () => void = () => {}

  constructor(options: AppOptions, silent: Silent) {
    const answer = getRequestListener(app(options).fetch, {
      overrideGlobalObjects: false,
      errorHandler: () => Response.json({ error: { code: 'bad_request', message: NO_REQUEST } }, { status: 400 }),
    })
    this.listener = (request, response) => {
      takePrefix(request, options.trusted)
      this.#answering += 1
      silent.speaks(request.socket)
      response.once('close', () => {
        silent.waits(request.socket)
        this.#answering -= 1
        if (this.#answering === 0) this.#idle()
      })
      for (const [name, value] of Object.entries(ALWAYS)) response.setHeader(name, value)
      // What the framework throws over its own error's answer must not end the process.
      answer(request, response).catch((error: unknown) => {
        options.core.log.error({ error }, 'a request could not be answered')
        response.destroy()
      })
    }
  }

  idle(): Promise<void> {
    if (this.#answering === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle = resolve
    })
  }
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

function closed(server: Server, requests: Requests): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), ANSWERING_MS)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    void requests.idle().then(() => server.closeAllConnections())
  })
}

const NO_REQUEST = 'not a request this server understands'

const BROKEN: Record<string, string> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'the request did not come within its time',
  HPE_HEADER_OVERFLOW: 'the headers are too large',
}

function notARequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  const refusal: Refusal = { status: 400, code: 'bad_request', message: BROKEN[error.code ?? ''] ?? NO_REQUEST }
  refuse(socket, refusal)
}
