import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { newId, SUBPROTOCOL } from '../../protocol/index.ts'
import { acceptor, type SocketPort } from '../../socket/index.ts'

/** Every answer of a server of ours carries it. */
const MARK = { drumline: '1' } as const

interface Knock {
  readonly request: IncomingMessage
  /** Milliseconds, monotonic. */
  readonly at: number
}

interface HouseOptions {
  readonly host: string
  readonly port: number
  /** Someone dials, whatever becomes of it. */
  readonly onKnock: (knock: Knock) => void
  readonly onPort: (port: SocketPort) => void
}

/** Where the agent under test dials: a port, a token, and what is said before the upgrade. */
export class House {
  readonly token = `drl_${newId()}${newId()}`
  /** The next so many are answered as something in between would: 502, without our header. */
  outages = 0
  readonly #options: HouseOptions
  readonly #server: Server
  readonly #acceptor = acceptor(MARK)

  private constructor(server: Server, options: HouseOptions) {
    this.#server = server
    this.#options = options
    server.on('upgrade', (request, socket, head) => void this.#knocked(request, socket, head))
  }

  /** Opens the port; rejects where that is impossible. */
  static async open(options: HouseOptions): Promise<House> {
    const server = createServer((_, response) => response.writeHead(404, MARK).end())
    const house = new House(server, options)
    server.listen(options.port, options.host)
    await once(server, 'listening')
    return house
  }

  get url(): string {
    const { address, port, family } = this.#server.address() as AddressInfo
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #knocked(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy())
    this.#options.onKnock({ request, at: performance.now() })
    if (this.outages > 0) {
      this.outages -= 1
      socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
      return
    }
    const offers = request.headers['sec-websocket-protocol']?.includes(SUBPROTOCOL)
    if (request.headers.authorization !== `Bearer ${this.token}` || !offers) {
      socket.end('HTTP/1.1 401 Unauthorized\r\ndrumline: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
      return
    }
    try {
      this.#options.onPort(await this.#acceptor.accept(request, socket, head))
    } catch {
      socket.destroy()
    }
  }
}
