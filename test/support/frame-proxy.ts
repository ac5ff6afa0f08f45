import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Frame, type FrameType, MESSAGE, type MethodName } from '../../src/protocol/index.ts'
import { acceptor, DialError, dial, type SocketPort } from '../../src/socket/index.ts'
import { listening, urlOf } from './listening.ts'
import type { Stage } from './stage.ts'

/** A mishap for the nth frame of a kind that passes, from when it was planned. Each strikes once. */
export interface Mishap {
  /** `up`: from the agent to the server. */
  direction: 'up' | 'down'
  type: FrameType
  /** Of a request, or of the answer to one (a `response` or `error`). */
  method?: MethodName
  /** Which of them; default the first. */
  nth?: number
  /** `cut before`: both sockets die and the frame is lost; `cut after`: it still arrives. */
  act: 'drop' | 'duplicate' | 'cut before' | 'cut after'
}

interface Planned extends Mishap {
  left: number
  struck: (frame: Frame) => void
}

interface Link {
  client: SocketPort
  server: SocketPort
  /** Methods of the requests under way, by id. */
  asked: Map<number, MethodName>
}

/** Stands between an agent and a server, understands what passes, and harms what it was told to harm. */
export class FrameProxy {
  readonly #listener: Server
  readonly #acceptor = acceptor()
  readonly #links = new Set<Link>()
  readonly #planned = new Set<Planned>()
  #target: string

  private constructor(listener: Server, target: string) {
    this.#listener = listener
    this.#target = target
    listener.on('upgrade', (request, socket, head) => void this.#join(request, socket, head))
  }

  static async to(target: string): Promise<FrameProxy> {
    return new FrameProxy(await listening(createServer()), target)
  }

  /** Before the server of a stage, and closed with it. */
  static async before(stage: Stage): Promise<FrameProxy> {
    const proxy = await FrameProxy.to(stage.server.url)
    stage.cleanups.push(() => proxy.close())
    return proxy
  }

  get url(): string {
    return urlOf(this.#listener)
  }

  /** Plans a mishap; resolves with the frame it struck. */
  plan(mishap: Mishap): Promise<Frame> {
    return new Promise((struck) => {
      this.#planned.add({ ...mishap, left: mishap.nth ?? 1, struck })
    })
  }

  async close(): Promise<void> {
    for (const link of this.#links) cut(link)
    this.#listener.close()
    await once(this.#listener, 'close')
  }

  async #join(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy())
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '')
    const url = `${this.#target.replace(/^http/, 'ws')}${request.url}`
    try {
      const server = await dial(url, { token, maxBytes: MESSAGE.helloBytes })
      const client = await this.#acceptor.accept(request, socket, head)
      this.#tie({ client, server, asked: new Map() })
    } catch (error) {
      socket.end(refusalOf(error))
    }
  }

  #tie(link: Link): void {
    const { client, server } = link
    this.#links.add(link)
    client.onText((text) => this.#pass(link, 'up', text))
    server.onText((text) => this.#pass(link, 'down', text))
    client.onClose((code, reason) => leave(server, code, reason))
    server.onClose((code, reason) => {
      this.#links.delete(link)
      leave(client, code, reason)
    })
  }

  #pass(link: Link, direction: Mishap['direction'], text: string): void {
    const message = JSON.parse(text) as Frame | Frame[]
    const passing: Frame[] = []
    let cutAfter = false
    for (const frame of Array.isArray(message) ? message : [message]) {
      const act = this.#fate(link, direction, frame)
      if (act === 'cut before') {
        send(link, direction, passing)
        cut(link)
        return
      }
      if (act !== 'drop') passing.push(frame)
      if (act === 'duplicate') passing.push(frame)
      if (act === 'cut after') {
        cutAfter = true
        break
      }
    }
    send(link, direction, passing)
    // Its bytes are handed over before the socket dies: a goodbye sends what is queued first.
    if (cutAfter) leaveBoth(link)
  }

  #fate({ asked }: Link, direction: Mishap['direction'], frame: Frame): Mishap['act'] | undefined {
    if (frame.type === 'request') asked.set(frame.id, frame.method as MethodName)
    const method = 'id' in frame ? asked.get(frame.id) : undefined
    for (const planned of this.#planned) {
      if (planned.direction !== direction || planned.type !== frame.type) continue
      if (planned.method !== undefined && planned.method !== method) continue
      if (--planned.left > 0) continue
      this.#planned.delete(planned)
      planned.struck(frame)
      return planned.act
    }
    return undefined
  }
}

function send({ client, server }: Link, direction: Mishap['direction'], frames: readonly Frame[]): void {
  if (frames.length === 0) return
  const to = direction === 'up' ? server : client
  to.send(JSON.stringify(frames.length === 1 ? frames[0] : frames))
}

function cut({ client, server }: Link): void {
  client.terminate()
  server.terminate()
}

function leaveBoth({ client, server }: Link): void {
  client.close(1012, 'cut by the proxy')
  server.close(1012, 'cut by the proxy')
}

/** An end that fell away without a goodbye leaves the other without one, too. */
function leave(port: SocketPort, code: number, reason: string): void {
  if (code === 1006 || code === 1005) port.terminate()
  else port.close(code, reason)
}

function refusalOf(error: unknown): string {
  const { status = 502, drumline = false } = error instanceof DialError ? error : {}
  return `HTTP/1.1 ${status} no\r\n${drumline ? 'drumline: 1\r\n' : ''}connection: close\r\ncontent-length: 0\r\n\r\n`
}
