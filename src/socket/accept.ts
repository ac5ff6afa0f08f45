import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ServerOptions, WebSocketServer } from 'ws'
import { MESSAGE, SUBPROTOCOL } from '../protocol/index.ts'
import { wsPort } from './port.ts'
import type { SocketPort } from './socket-port.ts'

/** Tiny fragments cost far more memory than their bytes: a frame of ours never needs many. */
const FRAGMENTS = 64
/** Chunks of the TCP stream that one unfinished message may hold: 1 MiB in the smallest usual segments. 200 bytes each. */
const CHUNKS = 2048
/** Pongs that a reader who never reads may make us keep. */
const PONGS = 16
/** How long the other side may take to answer our close. */
const CLOSE_MS = 2_000

/** The types know neither the limits of chunks and pongs nor the time to close. */
interface Limits extends ServerOptions {
  maxBufferedChunks: number
  maxFragments: number
  maxPendingAutoPongs: number
  closeTimeout: number
}

export interface Acceptor {
  /** Completes one upgrade. Rejects, with the socket still unanswered or gone, when the request is no good. */
  accept(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<SocketPort>
}

/**
 * The server's half of the opening: low limits, no compression, only our subprotocol, our header on the answer, and no
 * message of more than `maxBytes`.
 */
export function acceptor(
  headers: Readonly<Record<string, string>> = {},
  maxBytes: number = MESSAGE.helloBytes,
): Acceptor {
  const options: Limits = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxBytes,
    maxFragments: FRAGMENTS,
    maxBufferedChunks: CHUNKS,
    maxPendingAutoPongs: PONGS,
    closeTimeout: CLOSE_MS,
    autoPong: true,
    // Without this ws would echo the first name it was offered, whatever that holds.
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  }
  const server = new WebSocketServer(options)
  server.on('headers', (lines) => {
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  })
  // A request that ws finds no good: the listener keeps ws from answering, the door does.
  const refused = new WeakMap<Duplex, (error: Error) => void>()
  server.on('wsClientError', (error, socket) => refused.get(socket)?.(error))
  return {
    accept: (req, socket, head) =>
      new Promise((resolve, reject) => {
        refused.set(socket, reject)
        const gone = () => reject(new Error('the socket closed before the upgrade'))
        socket.once('close', gone)
        server.handleUpgrade(req, socket, head, (ws) => {
          socket.removeListener('close', gone)
          resolve(wsPort(ws))
        })
      }),
  }
}
