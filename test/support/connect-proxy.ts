import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { listening, urlOf } from './listening.ts'

/** What a proxy does with a CONNECT: lets it through, answers this text, or says nothing. */
export type Answer = 'connect' | 'silence' | { says: string }

/** A forward proxy in this process, which does as it is told. */
export class ConnectProxy {
  /** What it was asked, with the headers. */
  readonly asked: IncomingMessage[] = []
  /** Connections of clients that are open. */
  readonly open = new Set<Socket>()
  readonly #server: ReturnType<typeof createServer>

  private constructor(answer: Answer, tls: ServerOptions | undefined) {
    this.#server = tls === undefined ? createServer() : createTlsServer(tls)
    this.#server.on('connection', (socket: Socket) => {
      this.open.add(socket)
      socket.on('close', () => this.open.delete(socket)).on('error', () => {})
    })
    this.#server.on('connect', (request, socket, head) => {
      this.asked.push(request)
      socket.on('error', () => {})
      if (answer === 'connect') join(request.url ?? '', socket, head)
      else if (answer !== 'silence') socket.end(answer.says)
      // Who does not read never sees the other end leave.
      else socket.resume().on('end', () => socket.destroy())
    })
  }

  static async start(answer: Answer = 'connect', tls?: ServerOptions): Promise<ConnectProxy> {
    const proxy = new ConnectProxy(answer, tls)
    await listening(proxy.#server)
    return proxy
  }

  get host(): string {
    return new URL(urlOf(this.#server)).host
  }

  close(): void {
    this.#server.close()
    for (const socket of this.open) socket.destroy()
  }
}

/** A tunnel to where it was asked for. */
function join(to: string, socket: Duplex, head: Buffer): void {
  const { hostname, port } = new URL(`http://${to}`)
  const far = connect(Number(port), hostname.replace(/^\[(.*)\]$/, '$1'), () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    far.write(head)
    far.pipe(socket).pipe(far)
  })
  far.on('error', () => socket.destroy())
  socket.on('close', () => far.destroy())
}
