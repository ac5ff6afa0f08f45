import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A connection through the proxy: the client's end and the server's. */
interface Link {
  client: Socket
  server: Socket
}

/** Stands between an agent and a server: counts connections, cuts them, refuses new ones, holds bytes back. */
export class TcpProxy {
  readonly #listener: Server
  readonly #links = new Set<Link>()
  #target: number
  #accepted = 0
  #refusing = false

  private constructor(listener: Server, target: number) {
    this.#listener = listener
    this.#target = target
    listener.on('connection', (client) => this.#join(client))
  }

  static async to(target: number): Promise<TcpProxy> {
    const listener = createServer()
    const proxy = new TcpProxy(listener, target)
    listener.listen(0, '127.0.0.1')
    await once(listener, 'listening')
    return proxy
  }

  get url(): string {
    const { port } = this.#listener.address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  /** Connections that reached the server since the start. */
  get accepted(): number {
    return this.#accepted
  }

  get open(): number {
    return this.#links.size
  }

  /** Where new connections go. */
  set target(port: number) {
    this.#target = port
  }

  /** Drops every connection without a goodbye; with `refuse` new ones are dropped too, until `admit`. */
  cut(refuse = false): void {
    this.#refusing = refuse
    for (const { client, server } of this.#links) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
  }

  admit(): void {
    this.#refusing = false
  }

  /** Bytes of the clients that are connected now no longer reach the server, until the answer is called. */
  holdBack(): () => void {
    const held = [...this.#links]
    for (const { client } of held) client.pause()
    return () => {
      for (const { client } of held) client.resume()
    }
  }

  async close(): Promise<void> {
    this.cut(true)
    this.#listener.close()
    await once(this.#listener, 'close')
  }

  #join(client: Socket): void {
    client.on('error', () => {})
    if (this.#refusing) {
      client.resetAndDestroy()
      return
    }
    this.#accepted++
    const server = connect(this.#target, '127.0.0.1')
    const link = { client, server }
    this.#links.add(link)
    server.on('error', () => {})
    // By hand instead of `pipe`, which would undo `holdBack` whenever the server's end drains.
    client.on('data', (bytes) => server.write(bytes))
    server.on('data', (bytes) => client.write(bytes))
    const end = () => {
      this.#links.delete(link)
      client.destroy()
      server.destroy()
    }
    client.on('close', end)
    server.on('close', end)
  }
}
