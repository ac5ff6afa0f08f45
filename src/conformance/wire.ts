import {
  BusError,
  CloseError,
  decodeEach,
  type ErrorBody,
  type Frame,
  type FrameOf,
  type FrameType,
  METHODS,
  type MethodName,
  type ParamsOf,
  type Receives,
  type ResultOf,
  readRich,
} from '../protocol/index.ts'
import type { SocketPort } from '../socket/index.ts'
import { Deviation, shown } from './verdict.ts'
import { Waiting } from './waiting.ts'

/** The last frames that a failure quotes. */
const QUOTED = 4

export type Answer<T> =
  | { readonly result: T; readonly error?: never }
  | { readonly result?: never; readonly error: ErrorBody }

/** Told of what is heard, as it comes. */
interface Listener {
  onText?(text: string): void
  onFrame?(frame: Frame): void
  /** A frame that the protocol does not know. */
  onBroken?(why: string): void
  onEnd?(code: number, reason: string): void
}

/** One end of a connection: says whatever it is told to, good or bad, and keeps what it hears. */
export class Wire<P extends SocketPort = SocketPort> {
  readonly port: P
  readonly heard: Frame[] = []
  closed: { code: number; reason: string } | undefined
  /** What the other end sent that the protocol does not know. */
  broken: string | undefined
  readonly #receives: Receives
  readonly #waiting = new Waiting({
    story: () => this.story(),
    over: () => this.closed !== undefined || this.broken !== undefined,
  })
  readonly #listener: Listener
  #calls = 0

  constructor(port: P, receives: Receives, listener: Listener = {}) {
    this.port = port
    this.#listener = listener
    this.#receives = receives
    port.onText((text) => this.#take(text))
    port.onClose((code, reason) => {
      this.closed = { code, reason }
      this.#waiting.wake()
      this.#listener.onEnd?.(code, reason)
    })
  }

  /** One message: a frame alone, or a batch. */
  say(...frames: unknown[]): void {
    this.port.send(JSON.stringify(frames.length === 1 ? frames[0] : frames))
  }

  /** See `Waiting`. */
  until<T>(expected: string, look: () => T | undefined | false, limitMs?: number): Promise<T> {
    return this.#waiting.until(expected, look, limitMs)
  }

  /** The first frame of this type that fits, from the `from`th on that was heard. */
  hears<T extends FrameType>(
    type: T,
    fits: (frame: FrameOf<T>) => boolean = () => true,
    { from = 0, limitMs }: { from?: number; limitMs?: number } = {},
  ): Promise<FrameOf<T>> {
    const isIt = (frame: Frame): frame is Frame & FrameOf<T> => frame.type === type && fits(frame as FrameOf<T>)
    return this.until<FrameOf<T>>(
      `a ${type} frame`,
      () => this.heard.slice(from).find(isIt) as FrameOf<T> | undefined,
      limitMs,
    )
  }

  /** Frames of this type. */
  all<T extends FrameType>(type: T): FrameOf<T>[] {
    return this.heard.filter((frame): frame is Frame & FrameOf<T> => frame.type === type) as FrameOf<T>[]
  }

  /** The code that the other end closes with. */
  ends(limitMs?: number): Promise<{ code: number; reason: string }> {
    return this.until('the end of the connection', () => this.closed, limitMs)
  }

  /** Sends a request; its id. */
  request(method: string, params: unknown, more: { key?: string } = {}): number {
    this.#calls += 1
    this.say({ type: 'request', id: this.#calls, method, params, ...more })
    return this.#calls
  }

  /** Asks, and reads the answer by the method's own schema. */
  async ask<M extends MethodName>(
    method: M,
    params: ParamsOf<M>,
    more: { key?: string } = {},
  ): Promise<Answer<ResultOf<M>>> {
    return this.answer(method, this.request(method, params, more))
  }

  async answer<M extends MethodName>(method: M, id: number): Promise<Answer<ResultOf<M>>> {
    const isIt = (frame: Frame) => (frame.type === 'response' || frame.type === 'error') && frame.id === id
    const frame = await this.until(`an answer to ${method}`, () => this.heard.find(isIt))
    if (frame.type === 'error') return { error: frame.error }
    const { result: schema, values } = METHODS[method]
    const raw = frame.type === 'response' ? frame.result : undefined
    const read = schema.safeParse(values === 'rich' ? readRich(raw) : raw)
    if (!read.success) throw new Deviation(`a result of ${method} as its schema says`, shown(raw))
    return { result: read.data as ResultOf<M> }
  }

  /** Asks for what must succeed. */
  async call<M extends MethodName>(method: M, params: ParamsOf<M>, more: { key?: string } = {}): Promise<ResultOf<M>> {
    const { result, error } = await this.ask(method, params, more)
    if (error !== undefined) throw new Deviation(`${method} to succeed`, `${error.code}: ${error.message}`)
    return result
  }

  /** Waits until everything before has been dealt with: a call that has nothing to do with it is answered. */
  async round(): Promise<void> {
    await this.call('version', {})
  }

  /** What was heard last, in few words. */
  story(): string {
    const last = this.heard.slice(-QUOTED).map((frame) => shown(frame).slice(0, 120))
    const end = this.closed === undefined ? 'still open' : `closed with ${this.closed.code} ${this.closed.reason}`
    return shown([...last, this.broken ?? [], end].flat().join(' · '))
  }

  hangUp(): void {
    if (this.closed === undefined) this.port.terminate()
  }

  #take(text: string): void {
    this.#listener.onText?.(text)
    try {
      decodeEach(text, { receives: this.#receives, maxBytes: Number.POSITIVE_INFINITY }, (frame) => {
        this.heard.push(frame)
        this.#listener.onFrame?.(frame)
      })
    } catch (error) {
      if (!(error instanceof CloseError || error instanceof BusError)) throw error
      this.broken ??= `${error.message}: ${text.slice(0, 120)}`
      this.#listener.onBroken?.(this.broken)
    }
    this.#waiting.wake()
  }
}
