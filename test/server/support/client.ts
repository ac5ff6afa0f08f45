import type { AgentInfo, Clock, MethodName, ParamsOf, ResultOf } from '../../../src/protocol/index.ts'
import { Channel, type Frame, type FrameOf, type FrameType, MESSAGE } from '../../../src/protocol/index.ts'
import type { PairPort } from '../../support/pair.ts'
import { waitUntil } from '../../support/wait-until.ts'
import type { TestSocket } from './socket.ts'

export const INFO: AgentInfo = {
  name: 'anvil',
  version: '1.0.0',
  platform: 'linux/amd64',
  backend: 'test',
  capacity: 4,
  labels: { platform: 'linux/amd64' },
}

let boots = 0

/** The other end of a connection, in the hands of a test. */
export class TestClient {
  readonly frames: Frame[] = []
  readonly channel: Channel
  /** What the server's end of it looks like. */
  readonly server: TestSocket
  readonly #port: PairPort
  boot = `boot-${++boots}`
  dial = 1
  ended: { code: number; reason: string } | undefined

  constructor(port: PairPort, server: TestSocket, clock: Clock) {
    this.#port = port
    this.server = server
    this.channel = new Channel({
      side: 'client',
      port,
      clock,
      receives: 'server',
      maxBytes: MESSAGE.helloBytes,
      onFrame: (frame) => void this.frames.push(frame),
      onClose: (code, reason) => {
        this.ended = { code, reason }
      },
    })
  }

  /** Sends what no channel would. */
  raw(value: unknown): void {
    this.#port.send(typeof value === 'string' ? value : JSON.stringify(value))
  }

  cut(): void {
    this.#port.cut()
  }

  /** Keeps what this end sends from arriving. */
  hold(held: boolean): void {
    this.#port.hold(held)
  }

  send(frame: Frame): void {
    this.channel.send(frame)
  }

  call<M extends MethodName>(method: M, params: ParamsOf<M>, options?: { signal?: AbortSignal }): Promise<ResultOf<M>> {
    return this.channel.call(method, params, options)
  }

  hello(more: Partial<FrameOf<'hello'>> = {}): void {
    const base = { versions: [1], features: [], boot: this.boot, dial: this.dial, claims: [] }
    this.send({ type: 'hello', ...base, ...more })
  }

  /** An agent's hello, up to its welcome. */
  async arrive(more: Partial<FrameOf<'hello'>> = {}): Promise<FrameOf<'welcome'>> {
    this.hello({ agent: INFO, ...more })
    return this.frame('welcome')
  }

  all<T extends FrameType>(type: T): FrameOf<T>[] {
    return this.frames.filter((frame): frame is FrameOf<T> & Frame => frame.type === type)
  }

  /** The n-th frame of a type, once it has come. */
  frame<T extends FrameType>(type: T, n = 1): Promise<FrameOf<T>> {
    const missing = () => (this.ended ? ` (closed ${this.ended.code} ${this.ended.reason})` : '')
    return waitUntil(() => this.all(type)[n - 1], { what: `${type} ${n}${missing()}` })
  }

  /** How the connection ended, once it has. */
  end(): Promise<{ code: number; reason: string }> {
    return waitUntil(() => this.ended, { what: 'the end of the connection' })
  }
}
