import {
  BusError,
  Channel,
  type Clock,
  type FeedData,
  type Frame,
  LIMITS_IN_FORCE,
  MESSAGE,
  type MethodName,
  type ParamsOf,
  type Port,
  type ResultOf,
  systemClock,
} from '../../src/protocol/index.ts'
import { type PairPort, pair } from '../support/pair.ts'

export type Script = { [M in MethodName]?: (params: ParamsOf<M>, end: ServerEnd) => ResultOf<M> | Promise<ResultOf<M>> }

/** The server's end of one in-memory connection: it answers by a script and says what a test tells it to. */
export class ServerEnd {
  readonly heard: Frame[] = []
  readonly calls: { method: MethodName; params: unknown; key: string | undefined }[] = []
  readonly subscriptions = new Map<string, string>()
  readonly channel: Channel
  readonly port: PairPort
  #offset = 0

  constructor(port: PairPort, script: Script, clock: Clock = systemClock, greets = true) {
    this.port = port
    this.channel = new Channel({
      side: 'server',
      port,
      clock,
      receives: 'client',
      maxBytes: MESSAGE.helloBytes,
      serve: ({ method, params, key }) => {
        this.calls.push({ method, params, key })
        return this.#answer(method, params, script)
      },
      onFrame: (frame) => {
        this.heard.push(frame)
        if (frame.type === 'hello' && greets) this.welcome()
        if (frame.type === 'ping') this.channel.send({ type: 'pong' }, 'control')
      },
      onClose: () => {},
    })
  }

  welcome(): void {
    this.channel.send({
      type: 'welcome',
      version: 1,
      features: [],
      connection: 1,
      server: { id: 'server-1', version: '9.9.9' },
      limits: LIMITS_IN_FORCE,
      heartbeat: { intervalMs: 15_000, timeoutMs: 40_000 },
      credit: 0,
      claims: [],
    })
  }

  /** Sends an event to everyone who subscribed to the topic. */
  event(topic: string, data: FeedData): void {
    this.#offset++
    for (const [subscription, at] of this.subscriptions) {
      if (at === topic) this.channel.send({ type: 'event', subscription, offset: this.#offset, data })
    }
  }

  missed(topic: string): void {
    for (const [subscription, at] of this.subscriptions) {
      if (at === topic) this.channel.send({ type: 'missed', subscription, from: 1, to: 2, reason: 'too slow' })
    }
  }

  async #answer(method: MethodName, params: unknown, script: Script): Promise<unknown> {
    if (method === 'subscribe') {
      const { subscription, topic } = params as ParamsOf<'subscribe'>
      this.subscriptions.set(subscription, topic)
    }
    if (method === 'unsubscribe') this.subscriptions.delete((params as ParamsOf<'unsubscribe'>).subscription)
    const answer = script[method] as ((params: unknown, end: ServerEnd) => unknown) | undefined
    if (answer !== undefined) return answer(params, this)
    if (method === 'subscribe') return { epoch: 'e1', offset: this.#offset, page: [], snapshot: true }
    if (method === 'unsubscribe') return {}
    throw new BusError('unknown_method', `the script has no ${method}`)
  }
}

/** A port to a scripted server. */
export function connectTo(script: Script, clock?: Clock): { port: Port; end: ServerEnd } {
  const [port, far] = pair()
  return { port, end: new ServerEnd(far, script, clock) }
}
