import { nanoid } from 'nanoid'
import {
  BusError,
  type Clock,
  CloseError,
  LIVENESS,
  type ParamsOf,
  type Port,
  type ResultOf,
  reconnectDelay,
} from '../protocol/index.ts'
import type { CallOptions, Client, ClientMethod, Closed, Listener, Subscription, Topic } from './client.ts'
import { Lasting } from './lasting.ts'
import type { LinkWatch } from './link-watch.ts'
import { asBusError, codeOf, isFinal, needsMending, retryAfterOf } from './reasons.ts'
import { keyFor, openClient, type Session } from './session.ts'

/** Opens one connection to the bus, or rejects; then it is tried again until the time is over. A page's has a ticket. */
export type Dial = (signal: AbortSignal) => Promise<Port & { readonly ticket?: string }>

export interface RedialSettings {
  readonly clock: Clock
  readonly dial: Dial
  /** Gives up after so long without a server. */
  readonly giveUpMs: number
  /** The same for an outage, once there was a connection. */
  readonly outageMs: number
  /** Told how the connection stands. */
  readonly watch?: LinkWatch | undefined
}

/** No wait is longer than this part of the time there is: short for who has no patience, a whole fleet's for who has. */
const PART = 12

/** A client that outlives its connections: calls wait for the next one, subscriptions go on over it. */
export class RedialClient implements Client {
  readonly #settings: RedialSettings
  readonly #boot = nanoid()
  readonly #stop = new AbortController()
  readonly #lasting = new Set<Lasting>()
  readonly closed: Promise<Closed>
  #settleClosed: (closed: Closed) => void = () => {}
  #dials = 0
  #session: Promise<Session>
  #end: BusError | undefined
  #wake: () => void = () => {}

  constructor(settings: RedialSettings) {
    this.#settings = settings
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve
    })
    this.#session = this.#connect(settings.giveUpMs, 0)
  }

  /** Resolves with the first connection; rejects with why there is none. */
  async ready(): Promise<void> {
    await this.#session
  }

  async call<M extends ClientMethod>(method: M, params: ParamsOf<M>, options: CallOptions = {}): Promise<ResultOf<M>> {
    const key = keyFor(method)
    for (;;) {
      const session = await this.#session
      try {
        return await session.keyed(method, params, options, key)
      } catch (error) {
        // Cut off, not refused: the key makes a repeat safe.
        if (!session.isClosed || this.#end !== undefined || options.signal?.aborted) throw this.#end ?? error
      }
    }
  }

  async subscribe(topic: Topic, listener: Listener): Promise<Subscription> {
    const lasting: Lasting = new Lasting(topic, listener, (error) => this.#over(lasting, error))
    while (!(await lasting.on(await this.#session))) {
      // Cut meanwhile: again on the next connection.
    }
    // Only now, or the next connection would make it twice.
    this.#lasting.add(lasting)
    return {
      close: () => {
        this.#lasting.delete(lasting)
        lasting.close()
      },
    }
  }

  /** Ends the wait before the next dial; where there is none it does nothing. */
  retryNow(): void {
    this.#wake()
  }

  close(): void {
    this.#finish(new BusError('unavailable', 'the client is closed'), { code: 1000, reason: '' })
  }

  async #connect(withinMs: number, firstMs: number): Promise<Session> {
    try {
      const session = await this.#open(withinMs, firstMs)
      // Owned here: `closed` never rejects, and what follows ends in `#finish` at worst.
      void session.closed.then((closed) => this.#lost(closed, session.toldToLeave))
      void this.#catchUp(session)
      return session
    } catch (error) {
      const reason = asBusError(error)
      this.#finish(error, { code: codeOf(error), reason: reason.message })
      throw this.#end ?? reason
    }
  }

  async #open(withinMs: number, firstMs: number): Promise<Session> {
    const { clock, watch } = this.#settings
    const deadline = clock.monotonic() + withinMs
    if (firstMs > 0) await this.#sleep(firstMs)
    for (let attempt = 1; ; attempt++) {
      if (this.#end !== undefined) throw this.#end
      watch?.dialling()
      try {
        return await this.#attempt(deadline - clock.monotonic())
      } catch (error) {
        const left = deadline - clock.monotonic()
        const hasTime = this.#dials > 0 || !Number.isFinite(withinMs)
        const vain = isFinal(error) || (needsMending(error) && !hasTime)
        if (this.#end !== undefined || vain || left <= 0) throw this.#end ?? error
        const asked = retryAfterOf(error)
        const wait = Math.min(left, asked !== undefined && asked < left ? asked : waitOf(attempt, withinMs))
        watch?.down(error, wait)
        await this.#sleep(wait)
        // A try without time would end with "no answer", and hide why there is none.
        if (clock.monotonic() >= deadline) throw this.#end ?? error
      }
    }
  }

  /** Dials and shakes hands, within so many milliseconds. */
  async #attempt(withinMs: number): Promise<Session> {
    const { clock, dial } = this.#settings
    const given = new AbortController()
    const giveUp = () => given.abort()
    const cancelTimer = clock.after(Math.max(1, withinMs), giveUp)
    this.#stop.signal.addEventListener('abort', giveUp, { once: true })
    try {
      const port = await dial(given.signal)
      const welcomeMs = Math.min(LIVENESS.welcomeMs, Math.max(1, withinMs))
      const ticket = port.ticket === undefined ? {} : { ticket: port.ticket }
      return await openClient(port, { clock, boot: this.#boot, dial: ++this.#dials, welcomeMs, ...ticket })
    } finally {
      cancelTimer()
      this.#stop.signal.removeEventListener('abort', giveUp)
    }
  }

  #lost({ code, reason }: Closed, told: boolean): void {
    if (this.#end !== undefined) return
    const error = new CloseError(code, reason)
    if (isFinal(error)) {
      this.#finish(error, { code, reason })
      return
    }
    const { outageMs, watch } = this.#settings
    // Who was told its slot goes at its slot.
    const firstMs = told ? 0 : waitOf(1, outageMs)
    watch?.down(error, firstMs)
    this.#session = this.#connect(outageMs, firstMs)
    // Calls see the same rejection; without any it is nobody's.
    this.#session.catch(() => {})
  }

  /** Owned by the client: ends with the connection at the latest. */
  async #catchUp(session: Session): Promise<void> {
    if (this.#end !== undefined) return
    const { watch } = this.#settings
    watch?.welcomed()
    await Promise.all([...this.#lasting].map((lasting) => this.#goOn(lasting, session)))
    if (!session.isClosed) watch?.caughtUp()
  }

  async #goOn(lasting: Lasting, session: Session): Promise<void> {
    try {
      await lasting.on(session)
    } catch (error) {
      this.#over(lasting, asBusError(error))
    }
  }

  #over(lasting: Lasting, error: BusError): void {
    this.#lasting.delete(lasting)
    lasting.listener.onEnd?.(error)
  }

  #finish(why: unknown, closed: Closed): void {
    if (this.#end !== undefined) return
    const error = asBusError(why)
    this.#end = error
    this.#stop.abort()
    this.#settings.watch?.down(why, null)
    this.#session.then(
      (session) => session.close(),
      () => {},
    )
    for (const { listener } of this.#lasting) listener.onEnd?.(error)
    this.#lasting.clear()
    this.#settleClosed(closed)
  }

  /** Ends early when the client is closed, or is to dial at once. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancelTimer()
        this.#stop.signal.removeEventListener('abort', wake)
        this.#wake = () => {}
        resolve()
      }
      this.#wake = wake
      const cancelTimer = this.#settings.clock.after(ms, wake)
      this.#stop.signal.addEventListener('abort', wake, { once: true })
    })
  }
}

/** Before the next try, after so many that failed: anywhere in its time, so that those who lost one server come back apart. */
function waitOf(attempt: number, withinMs: number): number {
  return Math.random() * Math.min(reconnectDelay(attempt, 1), withinMs / PART)
}
