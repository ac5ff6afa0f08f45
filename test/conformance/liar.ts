import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { MESSAGE } from '../../src/protocol/index.ts'
import { acceptor, DialError, dial, type SocketPort } from '../../src/socket/index.ts'
import { listening, urlOf } from '../support/listening.ts'

/** A frame as it passes: whatever it holds may be wrong. */
export type Passing = { type: string } & Record<string, unknown>

/** What is made of what passes; left away, it passes as it is. */
export interface Lie {
  /** From who dialled: the frames that go on in place of this one. Of each connection its own. */
  up?: () => (frame: Passing) => Passing[]
  /** To who dialled. */
  down?: () => (frame: Passing) => Passing[]
  /** A close code to who dialled. */
  close?: (code: number) => number
}

/** Stands between an agent and a server and makes one of them seem wrong. */
export class Liar {
  readonly #listener: Server
  readonly #acceptor = acceptor({ drumline: '1' })
  readonly #ports = new Set<SocketPort>()
  readonly #target: string
  readonly #lie: Lie

  private constructor(listener: Server, target: string, lie: Lie) {
    this.#listener = listener
    this.#target = target
    this.#lie = lie
    listener.on('upgrade', (request, socket, head) => void this.#join(request, socket, head))
  }

  static async before(target: string, lie: Lie): Promise<Liar> {
    return new Liar(await listening(createServer()), target.replace(/^http/, 'ws'), lie)
  }

  get url(): string {
    return urlOf(this.#listener)
  }

  async close(): Promise<void> {
    for (const port of this.#ports) port.terminate()
    this.#listener.closeAllConnections()
    this.#listener.close()
    await once(this.#listener, 'close')
  }

  async #join(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy())
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '')
    try {
      const server = await dial(`${this.#target}${request.url}`, { token, maxBytes: 4 * MESSAGE.helloBytes })
      const client = await this.#acceptor.accept(request, socket, head)
      this.#tie(client, server)
    } catch (error) {
      const { status = 502, drumline = false } = error instanceof DialError ? error : {}
      const mark = drumline ? 'drumline: 1\r\n' : ''
      socket.end(`HTTP/1.1 ${status} no\r\n${mark}connection: close\r\ncontent-length: 0\r\n\r\n`)
    }
  }

  #tie(client: SocketPort, server: SocketPort): void {
    const { up, down, close = (code) => code } = this.#lie
    this.#ports.add(client).add(server)
    client.onText(passer(server, up?.()))
    server.onText(passer(client, down?.()))
    client.onClose((code, reason) => leave(server, code, reason))
    server.onClose((code, reason) => leave(client, close(code), reason))
  }
}

function passer(to: SocketPort, lie: ((frame: Passing) => Passing[]) | undefined): (text: string) => void {
  return (text) => {
    if (lie === undefined) {
      to.send(text)
      return
    }
    const message = JSON.parse(text) as Passing | Passing[]
    const frames = (Array.isArray(message) ? message : [message]).flatMap(lie)
    if (frames.length > 0) to.send(JSON.stringify(frames.length === 1 ? frames[0] : frames))
  }
}

/** An end that fell away without a goodbye leaves the other without one, too. */
function leave(port: SocketPort, code: number, reason: string): void {
  if (code === 1006 || code === 1005) port.terminate()
  else port.close(code, reason)
}

/** A lie about frames of one type: what `change` answers goes on in its place. */
export function about(
  type: string,
  change: (frame: Passing) => Passing | undefined,
): () => (frame: Passing) => Passing[] {
  return () => (frame) => (frame.type === type ? [change(frame) ?? []].flat() : [frame])
}
