import {
  Channel,
  CLOSE,
  type Frame,
  type FrameOf,
  type FrameType,
  MESSAGE,
  METHODS,
  type MethodName,
  type ParamsOf,
  type ResultOf,
  systemClock,
} from '../../src/protocol/index.ts'
import { busUrl, dial, type Network } from '../../src/socket/index.ts'
import { waitUntil } from './wait-until.ts'

export interface RawOptions {
  url: string
  token: string
  network?: Network
  hello?: Partial<FrameOf<'hello'>>
}

/** One end of the bus with no behaviour of its own: it says what a test tells it to, and keeps what it hears. */
export class RawEnd {
  readonly heard: Frame[] = []
  closed: { code: number; reason: string } | undefined
  #channel: Channel | undefined

  /** Dials and shakes hands. */
  static async open({ url, token, network = {}, hello = {} }: RawOptions): Promise<RawEnd> {
    const port = await dial(busUrl(url), { token, network, maxBytes: MESSAGE.helloBytes })
    const end = new RawEnd()
    end.#channel = new Channel({
      side: 'client',
      port,
      clock: systemClock,
      receives: 'server',
      maxBytes: MESSAGE.helloBytes,
      onFrame: (frame) => void end.heard.push(frame),
      onClose: (code, reason) => {
        end.closed = { code, reason }
      },
    })
    end.send({ type: 'hello', versions: [1], features: [], boot: randomName(), dial: 1, claims: [], ...hello })
    await end.hears('welcome')
    return end
  }

  get welcome(): FrameOf<'welcome'> {
    const frame = this.heard.find((one) => one.type === 'welcome')
    if (frame === undefined) throw new Error('no welcome yet')
    return frame
  }

  call<M extends MethodName>(method: M, params: ParamsOf<M>, signal?: AbortSignal): Promise<ResultOf<M>> {
    const { mutates, role } = METHODS[method]
    const keyed = mutates && role !== 'agent'
    return this.#open().call(method, params, { ...(keyed && { key: randomName() }), ...(signal && { signal }) })
  }

  send(frame: Frame): void {
    this.#open().send(frame)
  }

  /** The first frame of this type that fits, already heard or still to come. */
  async hears<T extends FrameType>(
    type: T,
    fits: (frame: FrameOf<T>) => boolean = () => true,
    limitMs = 10_000,
  ): Promise<FrameOf<T>> {
    const isIt = (frame: Frame): frame is Frame & FrameOf<T> => frame.type === type && fits(frame as FrameOf<T>)
    const look = () => this.heard.find(isIt) ?? (this.closed === undefined ? null : this.#fail(type))
    return (await waitUntil(look, { limitMs, what: `a ${type} frame` })) as FrameOf<T>
  }

  /** Says goodbye and waits until it is over. */
  async close(): Promise<void> {
    this.#channel?.close(CLOSE.normal, '')
    await waitUntil(() => this.#channel === undefined || this.closed !== undefined, { what: 'the goodbye' })
  }

  #open(): Channel {
    if (this.#channel === undefined) throw new Error('not dialled')
    return this.#channel
  }

  #fail(type: string): never {
    throw new Error(`closed (${JSON.stringify(this.closed)}) without ${type}; heard ${JSON.stringify(this.heard)}`)
  }
}

function randomName(): string {
  return `raw-${Math.random().toString(36).slice(2, 12)}`
}
