import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Conduit } from './conduit.ts'
import { listening, urlOf } from './listening.ts'
import type { Stage } from './stage.ts'

/** A connection through the proxy: the client's end and the server's. */
interface Link {
  client: Socket
  server: Socket
}

/** A network between agents and a server: counts connections, cuts them, refuses new ones, holds, slows and splits bytes. */
export class TcpProxy {
  /** From the agents to the server. */
  readonly up = new Conduit()
  /** From the server to the agents. */
  readonly down = new Conduit()
  /** Cuts a new connection once nothing has passed on it, either way, for so many ms. */
  idle: { afterMs: number; how: 'fin' | 'reset' } | undefined
  readonly #listener: Server
  readonly #links = new Set<Link>()
  readonly #dialled: number[] = []
  #target: number
  #refusing = false

  private constructor(listener: Server, target: number) {
    this.#listener = listener
    this.#target = target
    listener.on('connection', (client) => this.#join(client))
  }

  static async to(target: number): Promise<TcpProxy> {
    return new TcpProxy(await listening(createServer()), target)
  }

  /** Before the server of a stage, and closed with it. */
  static async before(stage: Stage): Promise<TcpProxy> {
    const proxy = await TcpProxy.to(stage.server.port)
    stage.cleanups.push(() => proxy.close())
    return proxy
  }

  get url(): string {
    return urlOf(this.#listener)
  }

  /** Connections that reached the server since the start. */
  get accepted(): number {
    return this.#dialled.length
  }

  /** When each of them came, by `performance.now()`. */
  get dialled(): readonly number[] {
    return this.#dialled
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

  /** A network as good as new: what was held arrives. */
  mend(): void {
    this.admit()
    for (const conduit of [this.up, this.down]) {
      conduit.weather = {}
      conduit.release()
    }
  }

  async close(): Promise<void> {
    this.cut(true)
    this.up.release()
    this.down.release()
    this.#listener.close()
    await once(this.#listener, 'close')
  }

  #limit({ client, server }: Link): void {
    const { idle } = this
    if (idle === undefined) return
    client.setTimeout(idle.afterMs, () => {
      for (const socket of [client, server]) idle.how === 'fin' ? socket.destroy() : socket.resetAndDestroy()
    })
  }

  #join(client: Socket): void {
    client.on('error', () => {})
    if (this.#refusing) {
      client.resetAndDestroy()
      return
    }
    this.#dialled.push(performance.now())
    // Small frames wait for nothing on either side.
    client.setNoDelay()
    const server = connect({ port: this.#target, host: '127.0.0.1', noDelay: true })
    const link = { client, server }
    this.#links.add(link)
    this.#limit(link)
    server.on('error', () => {})
    const end = () => {
      this.#links.delete(link)
      client.destroy()
      server.destroy()
    }
    client.on('close', end)
    server.on('close', end)
    void this.up.carry(client, server)
    void this.down.carry(server, client)
  }
}
