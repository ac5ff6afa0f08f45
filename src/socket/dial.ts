import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type ClientOptions, WebSocket } from 'ws'
import { LIVENESS, SUBPROTOCOL } from '../protocol/index.ts'
import { answerOf } from './answer.ts'
import { Attempt } from './attempt.ts'
import type { Network } from './network.ts'
import { openSocket } from './open.ts'
import { wsPort } from './port.ts'
import type { RawPort } from './socket-port.ts'
import { upgradeFailure } from './upgrade-failure.ts'

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

const PLAIN_NETWORK: Network = {}

/**
 * Opens a socket to the bus. Rejects with `DialError`, or with a `TypeError` for a proxy whose address is none; one that is
 * given up leaves nothing open.
 */
export function dial(url: URL | string, options: DialOptions): Promise<RawPort> {
  const { signal, timeoutMs = LIVENESS.welcomeMs, network = PLAIN_NETWORK } = options
  const target = new URL(url)
  const attempt = new Attempt(target.href, timeoutMs, signal)
  return attempt.run(async () => upgrade(target, await openSocket(target, network, attempt), options, attempt))
}

function upgrade(url: URL, socket: Socket, options: DialOptions, attempt: Attempt): Promise<RawPort> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url, SUBPROTOCOL, { ...socketOptions(options), createConnection: () => socket })
    const giveUp = (): void => ws.terminate()
    attempt.signal.addEventListener('abort', giveUp, { once: true })
    ws.once('open', () => {
      attempt.signal.removeEventListener('abort', giveUp)
      ws.removeAllListeners()
      resolve(wsPort(ws))
    })
    ws.once('unexpected-response', (_request, response: IncomingMessage) => {
      // Its owner is this promise; when the text is cut off, the status still says enough.
      void answerOf(url, response).then((error) => {
        reject(error)
        ws.terminate()
      })
    })
    // Also what follows a refusal or `terminate`: then the promise is settled and this changes nothing.
    ws.on('error', (error) => reject(upgradeFailure(url, attempt.waitsFor, error, options.network)))
  })
}

/** How long `ws` waits for the other end's goodbye, in ms; its types do not know it yet. */
const GOODBYE = { closeTimeout: 5_000 }

function socketOptions(options: DialOptions): ClientOptions {
  return {
    ...GOODBYE,
    headers: { authorization: `Bearer ${options.token}` },
    maxPayload: options.maxBytes,
    // `ws` turns compression on in the client by default: memory, bombs and secrets beside chosen text.
    perMessageDeflate: false,
    // A redirect would carry the token elsewhere.
    followRedirects: false,
  }
}
