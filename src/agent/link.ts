import type { AgentInfo, Claim, Clock, FrameOf, Log, Port } from '../protocol/index.ts'
import { BusError, CLOSE, CloseError, FEATURES, MESSAGE, VERSIONS } from '../protocol/index.ts'
import { DialError, type DialOptions, type Network } from '../socket/index.ts'
import { type AgentState, StateHolder } from './agent-state.ts'
import { Keepalive } from './keepalive.ts'
import { Outage } from './outage.ts'
import { type Ending, Reconnect } from './reconnect.ts'
import { Session, type Told, type Welcome } from './session.ts'

/** Opens a connection to the bus; tests bring one in memory. Rejects with `DialError`. */
export type Dial = (url: URL, options: DialOptions) => Promise<Port>

export interface LinkOptions {
  readonly url: URL
  readonly token: string | (() => Promise<string>)
  readonly network: Network
  /** One per `connect()`. */
  readonly boot: string
  readonly clock: Clock
  readonly log: Log
  readonly dial: Dial
  readonly random: () => number
}

/** What the link asks of, and tells, the agent around it. */
export interface LinkEvents {
  /** For the next hello. */
  info(): AgentInfo
  claims(): Claim[]
  /** Former boots that are dead for certain. */
  replaces(): string[]
  /** Ends work that is overdue, and answers whether there was any. */
  fence(): boolean
  onUp(session: Session, welcome: Welcome): void
  onFrame(session: Session, frame: Told): void
  onDown(): void
  onStopped(error: Error | undefined): void
}

/** Keeps one connection to the server, again and again, until it is told to stop. */
export class Link {
  readonly #options: LinkOptions
  readonly #events: LinkEvents
  readonly #states: StateHolder
  readonly #reconnect: Reconnect
  readonly #outage: Outage
  readonly #keepalive: Keepalive
  #dials = 0
  #readySince = 0

  constructor(options: LinkOptions, events: LinkEvents) {
    const { clock, log, random, url } = options
    this.#options = options
    this.#events = events
    this.#states = new StateHolder()
    this.#reconnect = new Reconnect(clock, random)
    this.#outage = new Outage(clock, log, url)
    this.#keepalive = new Keepalive(clock, log)
  }

  get state(): AgentState {
    return this.#states.current
  }

  listen(listener: (state: AgentState) => void): () => void {
    return this.#states.listen(listener)
  }

  /** The connection that is ready now. */
  get session(): Session | undefined {
    return this.state.name === 'ready' ? this.state.session : undefined
  }

  start(): void {
    if (this.state.name === 'idle') this.#dial('started')
  }

  /** The next ready connection. Null once the signal aborts; rejects once the link has stopped. */
  whenReady(signal?: AbortSignal): Promise<Session | null> {
    const { session } = this
    if (session !== undefined) return Promise.resolve(signal?.aborted ? null : session)
    return new Promise((resolve, reject) => {
      const look = (state: AgentState): void => {
        if (state.name === 'ready') settle(() => resolve(state.session))
        if (state.name === 'draining' || state.name === 'stopped') settle(() => reject(this.refusal()))
      }
      const giveUp = (): void => settle(() => resolve(null))
      const stopListening = this.listen(look)
      const settle = (answer: () => void): void => {
        stopListening()
        signal?.removeEventListener('abort', giveUp)
        answer()
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      if (signal?.aborted) giveUp()
      else look(this.state)
    })
  }

  /** Why a stopped link refuses what is asked of it. */
  refusal(): Error {
    const error = this.state.name === 'stopped' ? this.state.error : undefined
    return error ?? new BusError('unavailable', 'the agent has been closed', { retry: 'never' })
  }

  /** Leaves for good. What was queued is sent first, if there is a connection. */
  close(): void {
    const { state } = this
    if (state.name === 'stopped' || state.name === 'draining') return
    if (state.name === 'ready') {
      this.#states.enter({ name: 'draining', session: state.session }, 'closed')
      state.session.close(CLOSE.normal, 'the agent leaves')
      return
    }
    if (state.name === 'waiting') state.cancel()
    this.#stop(undefined, 'closed')
    if (state.name === 'dialing') state.giveUp.abort()
  }

  #dial(why: string): void {
    const dial = ++this.#dials
    const giveUp = new AbortController()
    this.#states.enter({ name: 'dialing', dial, giveUp }, why)
    const { url, token, network } = this.#options
    const open = (shown: string) =>
      this.#options.dial(url, { token: shown, network, maxBytes: MESSAGE.helloBytes, signal: giveUp.signal })
    const opened = typeof token === 'string' ? open(token) : token().then(open)
    opened
      .then((port) => this.#greet(dial, port))
      // A hello that cannot be sent comes here too.
      .catch((error: unknown) => this.#failed(dial, error))
  }

  #isDialing(dial: number): boolean {
    return this.state.name === 'dialing' && this.state.dial === dial
  }

  #greet(dial: number, port: Port): void {
    if (!this.#isDialing(dial)) {
      port.close(CLOSE.normal, 'given up')
      return
    }
    this.#keepalive.opened()
    const { pingMs } = this.#keepalive
    const { clock, log } = this.#options
    const session = new Session(
      {
        dial,
        port,
        pingMs,
        clock,
        log,
        events: {
          fence: () => this.#events.fence(),
          onWelcome: (from, welcome) => this.#up(from, welcome),
          onFrame: (from, frame) => this.#events.onFrame(from, frame),
          onEnd: (from, code, reason) => this.#ended(from, code, reason),
        },
      },
      this.#hello(dial),
    )
    if (this.state.name === 'dialing') {
      this.state.giveUp.signal.addEventListener('abort', () => session.close(CLOSE.normal, 'given up'), { once: true })
    }
  }

  #hello(dial: number): FrameOf<'hello'> {
    const replaces = this.#events.replaces()
    const { pingMs } = this.#keepalive
    return {
      type: 'hello',
      versions: [...VERSIONS],
      features: [...FEATURES],
      boot: this.#options.boot,
      dial,
      ...(replaces.length > 0 ? { replaces } : {}),
      ...(pingMs === undefined ? {} : { keepaliveMs: pingMs }),
      agent: this.#events.info(),
      claims: this.#events.claims(),
    }
  }

  #up(session: Session, welcome: Welcome): void {
    if (!this.#isDialing(session.dial)) return
    this.#readySince = this.#options.clock.monotonic()
    this.#outage.end()
    // First the agent sends again what is unanswered, then whoever waits for a connection hears of it.
    this.#events.onUp(session, welcome)
    this.#states.enter({ name: 'ready', session }, `welcome on connection ${welcome.connection}`)
  }

  #ended(session: Session, code: number, reason: string): void {
    const { state } = this
    if (state.name === 'draining' && state.session === session) {
      this.#events.onDown()
      this.#stop(undefined, 'closed')
    } else if (state.name === 'ready' && state.session === session) {
      this.#events.onDown()
      const heldMs = this.#options.clock.monotonic() - this.#readySince
      this.#keepalive.ended({ code, ...session.silence })
      this.#retry({ code, heldMs, slot: session.slot }, reason)
    } else if (this.#isDialing(session.dial)) this.#retry({ code, heldMs: 0, slot: session.slot }, reason)
  }

  #failed(dial: number, error: unknown): void {
    if (!this.#isDialing(dial)) return
    this.#keepalive.unreachable()
    if (!(error instanceof DialError)) this.#stop(asError(error), 'the dial cannot be made')
    else if (error.drumline && (error.status === 401 || error.status === 403)) {
      this.#stop(new CloseError(CLOSE.badCredential, `the server refuses this token (HTTP ${error.status})`), 'refused')
    } else {
      const { retryAfterMs } = error
      const slot = retryAfterMs === undefined ? undefined : this.#options.clock.monotonic() + retryAfterMs
      this.#retry({ code: 1006, heldMs: 0, slot }, error.message)
    }
  }

  #retry(ending: Ending, reason: string): void {
    const plan = this.#reconnect.after(ending)
    if (plan.stop) {
      // A goodbye without blame: an operator drained this agent, and it has nothing left to do.
      const leaves = ending.code === CLOSE.normal
      if (leaves) this.#options.log.info({ reason }, 'the server says goodbye')
      this.#stop(leaves ? undefined : new CloseError(ending.code, reason || 'closed by the server'), reason)
      return
    }
    this.#outage.note(ending.code, reason, plan.slow)
    const cancel = this.#options.clock.after(plan.afterMs, () => this.#dial('the wait is over'))
    this.#states.enter({ name: 'waiting', cancel }, reason || `closed with ${ending.code}`)
  }

  #stop(error: Error | undefined, why: string): void {
    this.#states.enter({ name: 'stopped', error }, why)
    if (error !== undefined) this.#options.log.error({ error: error.message }, 'the agent stops')
    this.#events.onStopped(error)
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
