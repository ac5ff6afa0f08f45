import { nanoid } from 'nanoid'
import {
  BusError,
  Channel,
  CLOSE,
  type Clock,
  CloseError,
  FEATURES,
  type FrameOf,
  LIVENESS,
  MESSAGE,
  METHODS,
  type MethodName,
  type ParamsOf,
  type PassedFrame,
  type Port,
  type ResultOf,
  systemClock,
  VERSIONS,
} from '../protocol/index.ts'
import type { CallOptions, Client, ClientMethod, Closed, Listener, Subscription, Topic } from './client.ts'
import { Feeds } from './feeds.ts'
import { Told } from './told.ts'

/** How a client shakes hands. */
export interface ClientOptions {
  /** Default: the machine's own. */
  clock?: Clock
  /** A page's one-time ticket. */
  ticket?: string
  /** Names a client over all its connections. Default: a new one. */
  boot?: string
  /** Which of the boot's connections this is: 1, 2, 3 … Default 1. */
  dial?: number
  /** Milliseconds until the server must have said welcome. Default 20 s. */
  welcomeMs?: number
}

/**
 * Shakes hands over an open port. Rejects with `CloseError` when the server closes instead, and with `BusError('deadline')`
 * when it says nothing. The client lives as long as the port; `dialClient` (Node) outlives it.
 */
export function openClient(port: Port, options: ClientOptions = {}): Promise<Session> {
  return Session.open(port, options)
}

/** One connection's client. */
export class Session implements Client {
  readonly #channel: Channel
  readonly #feeds: Feeds
  #welcome: FrameOf<'welcome'> | undefined
  #toldToLeave = false
  #settleHello: ((error?: Error) => void) | undefined
  readonly closed: Promise<Closed>
  #settleClosed: (closed: Closed) => void = () => {}

  /** @internal As `openClient`. */
  static async open(port: Port, options: ClientOptions): Promise<Session> {
    const clock = options.clock ?? systemClock
    const session = new Session(port, clock)
    await session.#hello(clock, options)
    return session
  }

  private constructor(port: Port, clock: Clock) {
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve
    })
    this.#feeds = new Feeds({
      subscribe: (subscription, { topic, place }) =>
        this.keyed('subscribe', { subscription, topic, ...(place === undefined ? {} : { resume: place }) }),
      unsubscribe: (subscription) => {
        // If the connection is gone, so is the subscription.
        this.keyed('unsubscribe', { subscription }).catch(() => {})
      },
    })
    this.#channel = new Channel({
      side: 'client',
      port,
      clock,
      receives: 'server',
      maxBytes: MESSAGE.helloBytes,
      onFrame: (frame) => this.#take(frame),
      onClose: (code, reason) => this.#end(code, reason),
    })
  }

  /** The server's identity, as its welcome gave it. */
  get server(): { readonly id: string; readonly version: string } {
    return this.#welcome?.server ?? { id: '', version: '' }
  }

  /** @internal The server has said goodbye: the close that follows comes at this client's own slot. */
  get toldToLeave(): boolean {
    return this.#toldToLeave
  }

  /** Nothing can be asked any more. */
  get isClosed(): boolean {
    return this.#channel.closed
  }

  call<M extends ClientMethod>(method: M, params: ParamsOf<M>, options: CallOptions = {}): Promise<ResultOf<M>> {
    return this.keyed(method, params, options, keyFor(method))
  }

  /** @internal A call whose key outlives this connection, so that a repeat on the next one has no second effect. */
  keyed<M extends MethodName>(
    method: M,
    params: ParamsOf<M>,
    options: CallOptions = {},
    key?: string,
  ): Promise<ResultOf<M>> {
    return this.#channel.call(method, params, key === undefined ? options : { ...options, key })
  }

  subscribe(topic: Topic, listener: Listener): Promise<Subscription> {
    return this.listen(new Told(topic, listener))
  }

  /** @internal As `subscribe`, for a listener that other connections may have told something. */
  listen(told: Told): Promise<Subscription> {
    return this.#feeds.subscribe(told)
  }

  close(): void {
    this.#channel.close(CLOSE.normal, '')
  }

  async #hello(clock: Clock, options: ClientOptions): Promise<void> {
    const welcome = new Promise<void>((resolve, reject) => {
      this.#settleHello = (error) => (error === undefined ? resolve() : reject(error))
    })
    const late = () => {
      this.#settleHello?.(new BusError('deadline', 'the server did not answer the handshake', { outcome: 'none' }))
      this.#channel.close(CLOSE.normal, 'no welcome')
    }
    const cancelTimer = clock.after(options.welcomeMs ?? LIVENESS.welcomeMs, late)
    const { boot = nanoid(), dial = 1, ticket } = options
    const own = ticket === undefined ? {} : { ticket }
    this.#channel.send({
      type: 'hello',
      versions: [...VERSIONS],
      features: [...FEATURES],
      boot,
      dial,
      claims: [],
      ...own,
    })
    try {
      await welcome
    } finally {
      cancelTimer()
    }
  }

  #take(frame: PassedFrame): void {
    if (frame.type === 'welcome') {
      if (this.#welcome !== undefined) throw new CloseError(CLOSE.violation, 'a second welcome')
      this.#welcome = frame
      this.#channel.maxBytes = MESSAGE.bytes
      // Of a page the server takes less than of a machine.
      this.#channel.maxSend = frame.limits.messageBytes
      this.#settleHello?.()
    } else if (frame.type === 'event') this.#feeds.event(frame)
    else if (frame.type === 'missed') this.#feeds.missed(frame)
    else if (frame.type === 'ping') this.#channel.send({ type: 'pong' }, 'control')
    // The socket stays up until then.
    else if (frame.type === 'bye') this.#toldToLeave = true
    // Others are an agent's.
  }

  #end(code: number, reason: string): void {
    this.#settleHello?.(new CloseError(code, reason))
    this.#feeds.end(new BusError('unavailable', `the connection closed (${code}${reason === '' ? '' : ` ${reason}`})`))
    this.#settleClosed({ code, reason })
  }
}

/** A key for calls that write. */
export function keyFor(method: MethodName): string | undefined {
  const { mutates, role } = METHODS[method]
  return mutates && role !== 'agent' ? nanoid() : undefined
}
