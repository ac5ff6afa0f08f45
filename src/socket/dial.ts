import type { IncomingMessage } from 'node:http'
import type { SecureContext } from 'node:tls'
import { type ClientOptions, WebSocket } from 'ws'
import { LIVENESS, SUBPROTOCOL } from '../protocol/index.ts'
import type { Network } from './network.ts'
import { wsPort } from './port.ts'
import type { RawPort } from './socket-port.ts'
import { secureContext } from './trust.ts'

/** How a socket is opened. */
export interface DialOptions {
  /** Goes into the Authorization header. */
  token: string
  /** The largest message to accept, in bytes. */
  maxBytes: number
  /** Gives the dialling up. */
  signal?: AbortSignal
  /** From the start to the open socket; default 20 s. */
  timeoutMs?: number
  /** Default: Node's and the machine's roots, and no proxy. */
  network?: Network
}

/** The socket could not be opened. */
export class DialError extends Error {
  override readonly name = 'DialError'
  /** The HTTP status, if somebody answered. */
  readonly status: number | undefined
  /** Drumline itself refused, as its header says; otherwise it was a proxy or some other server. */
  readonly drumline: boolean
  /** When Drumline wants to be asked again, in ms from now. */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    answer: {
      status?: number | undefined
      drumline?: boolean
      retryAfterMs?: number | undefined
      cause?: unknown
    } = {},
  ) {
    super(message, answer.cause === undefined ? undefined : { cause: answer.cause })
    this.status = answer.status
    this.drumline = answer.drumline ?? false
    this.retryAfterMs = answer.retryAfterMs
  }
}

/** Opens a socket to the bus. Rejects with `DialError`; an aborted one leaves nothing open. */
export function dial(url: URL | string, options: DialOptions): Promise<RawPort> {
  return new Promise((resolve, reject) => {
    if (options.signal?.aborted) return reject(new DialError('given up'))
    const ws = new WebSocket(url, SUBPROTOCOL, { ...socketOptions(options), ...tlsOptions(url, options.network) })
    const giveUp = (): void => {
      reject(new DialError(`no answer from ${url}`))
      ws.terminate()
    }
    const settle = (): void => options.signal?.removeEventListener('abort', giveUp)
    options.signal?.addEventListener('abort', giveUp, { once: true })
    ws.once('open', () => {
      settle()
      ws.removeAllListeners()
      resolve(wsPort(ws))
    })
    ws.once('unexpected-response', (_request, response) => {
      reject(refusal(url, response))
      ws.terminate()
    })
    // Also what follows a refusal or `terminate`: then the promise is settled and this changes nothing.
    ws.on('error', (error) => {
      settle()
      reject(new DialError(`cannot reach ${url}: ${explain(error)}`, { cause: error }))
    })
  })
}

/** How long `ws` waits for the other end's goodbye, in ms; its types do not know it yet. */
const GOODBYE = { closeTimeout: 5_000 }

/** How every socket is dialled. */
function socketOptions(options: DialOptions): ClientOptions {
  return {
    ...GOODBYE,
    headers: { authorization: `Bearer ${options.token}` },
    maxPayload: options.maxBytes,
    handshakeTimeout: options.timeoutMs ?? LIVENESS.welcomeMs,
    // `ws` turns compression on in the client by default: memory, bombs and secrets beside chosen text.
    perMessageDeflate: false,
    // A redirect would carry the token elsewhere.
    followRedirects: false,
  }
}

const NO_NETWORK: Network = {}

function tlsOptions(url: URL | string, network = NO_NETWORK): ClientOptions & { secureContext?: SecureContext } {
  if (!String(url).startsWith('wss:')) return {}
  return { secureContext: secureContext(network), rejectUnauthorized: network.skipVerify !== true }
}

function refusal(url: URL | string, response: IncomingMessage): DialError {
  const status = response.statusCode
  const drumline = response.headers.drumline === '1'
  const who = drumline ? 'Drumline' : 'something between here and there'
  const retryAfterMs = drumline ? laterMs(response.headers['retry-after']) : undefined
  return new DialError(`${who} answered ${url} with HTTP ${status}`, { status, drumline, retryAfterMs })
}

/** The header counts whole seconds: those who were told the same one spread over it. */
function laterMs(header: string | undefined): number | undefined {
  return /^\d{1,4}$/.test(header ?? '') ? Math.round((Number(header) + Math.random()) * 1000) : undefined
}

/** An attempt on several addresses fails with an empty message and a code; OpenSSL speaks of its own source files. */
function explain(error: Error & { code?: string }): string {
  if (error.message.includes('wrong version number')) return 'no TLS is spoken there; is it http:// or ws://?'
  return error.message !== '' ? error.message : (error.code ?? 'unknown error')
}
