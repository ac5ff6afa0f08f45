import { nanoid } from 'nanoid'
import {
  BusError,
  Channel,
  CLOSE,
  CloseError,
  FEATURES,
  type FrameOf,
  MESSAGE,
  type MethodName,
  type ParamsOf,
  type PassedFrame,
  type ResultOf,
  systemClock,
  VERSIONS,
} from '../protocol/index.ts'
import { dial, type RawPort } from '../socket/index.ts'
import type { Patient } from './patient.ts'

/** How a connection ended. */
export interface VisitEnd {
  readonly code: number
  readonly reason: string
  /** For so long nothing had passed. */
  readonly quietMs: number
  /** Since it was open. */
  readonly heldMs: number
}

/** A connection that leaves nothing behind on the server, opened as an agent opens its own. */
export class Visit {
  readonly #port: RawPort
  readonly #channel: Channel
  readonly #since = performance.now()
  #welcome: FrameOf<'welcome'> | undefined
  #ended: VisitEnd | undefined
  #changed: () => void = () => {}

  /** Rejects with `DialError`; with `CloseError` if the server closes, with `BusError('deadline')` if it says nothing. */
  static async open({ url, token = '', network, patienceMs }: Patient): Promise<Visit> {
    const port = await dial(url, { token, maxBytes: MESSAGE.helloBytes, timeoutMs: patienceMs, network })
    const visit = new Visit(port)
    await visit.#greet(patienceMs)
    return visit
  }

  private constructor(port: RawPort) {
    this.#port = port
    this.#channel = new Channel({
      side: 'client',
      port,
      clock: systemClock,
      receives: 'server',
      maxBytes: MESSAGE.helloBytes,
      onFrame: (frame) => this.#take(frame),
      onClose: (code, reason) => this.#end(code, reason),
    })
  }

  get welcome(): FrameOf<'welcome'> {
    if (this.#welcome === undefined) throw new Error('not welcomed yet')
    return this.#welcome
  }

  /** Undefined while it is open. */
  get ended(): VisitEnd | undefined {
    return this.#ended
  }

  get heldMs(): number {
    return performance.now() - this.#since
  }

  call<M extends MethodName>(method: M, params: ParamsOf<M>, timeoutMs: number): Promise<ResultOf<M>> {
    return this.#channel.call(method, params, { timeoutMs })
  }

  /** Waits until it ends, or has been held for so long. */
  async held(ms: number): Promise<void> {
    if (this.#ended === undefined) await this.#change(ms - this.heldMs)
  }

  close(): void {
    this.#channel.close(CLOSE.normal, '')
  }

  async #greet(withinMs: number): Promise<void> {
    const hello = { versions: [...VERSIONS], features: [...FEATURES], boot: nanoid(), dial: 1, claims: [], visit: true }
    this.#channel.send({ type: 'hello', ...hello })
    await this.#change(withinMs)
    if (this.#welcome !== undefined) return
    const { code, reason } = this.#ended ?? {}
    this.#port.terminate()
    if (code !== undefined) throw new CloseError(code, reason ?? '')
    throw new BusError('deadline', `no welcome within ${withinMs / 1000} s`)
  }

  /** Resolves with the welcome, with the end, or after so long. */
  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(0, ms))
      this.#changed = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #take(frame: PassedFrame): void {
    if (frame.type !== 'welcome') return
    this.#welcome = frame
    this.#channel.maxBytes = MESSAGE.bytes
    this.#changed()
  }

  #end(code: number, reason: string): void {
    this.#ended = { code, reason, quietMs: this.#port.quietMs(), heldMs: this.heldMs }
    this.#changed()
  }
}
