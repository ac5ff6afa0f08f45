import {
  Channel,
  CLOSE,
  type Clock,
  CloseError,
  type FrameOf,
  LIVENESS,
  type Log,
  MESSAGE,
  type PassedFrame,
  type Port,
  VERSIONS,
} from '../protocol/index.ts'
import { type SocketPort, watch } from '../socket/index.ts'
import { FencedPort } from './fenced-port.ts'
import { type Moment, momentOf } from './moment.ts'

export type Welcome = FrameOf<'welcome'>
/** What the server tells an agent after its welcome. */
export type Told = Exclude<PassedFrame, Welcome>

export interface SessionEvents {
  /** Called before anything leaves: ends work that is overdue, and answers whether there was any. */
  fence(): boolean
  onWelcome(session: Session, welcome: Welcome): void
  onFrame(session: Session, frame: Told): void
  /** Called once, whoever ended it, also before the welcome. */
  onEnd(session: Session, code: number, reason: string): void
}

interface Parts {
  /** Pings of our own, beside the server's. */
  readonly pingMs: number | undefined
  readonly dial: number
  readonly port: Port
  readonly clock: Clock
  readonly log: Log
  readonly events: SessionEvents
}

/**
 * One connection, from the open socket to its end: hello, welcome, liveness, and the channel for all that follows. Owns its
 * timers; after `onEnd` none is left and nothing of it is heard any more.
 */
export class Session {
  /** The dial it came from: a callback that names an old one is recognised. */
  readonly dial: number
  /** When hello was sent: what the server grants in its welcome counts from here. */
  readonly since: Moment
  readonly channel: Channel
  readonly #parts: Parts
  #heartbeatMs = 0
  #welcomed = false
  #ended = false
  #slot: number | undefined
  #stopWatch: () => void

  constructor(parts: Parts, hello: FrameOf<'hello'>) {
    const { port, clock, log } = parts
    this.#parts = parts
    this.dial = parts.dial
    this.channel = new Channel({
      side: 'client',
      port: new FencedPort(port, clock, () => parts.events.fence()),
      clock,
      receives: 'server',
      maxBytes: MESSAGE.helloBytes,
      onFrame: (frame) => this.#take(frame),
      onClose: (code, reason) => this.#end(code, reason),
      onFault: (error, during) => log.error({ error: String(error), during }, 'a fault in the agent'),
    })
    this.#stopWatch = clock.after(LIVENESS.welcomeMs, () => {
      this.#abandon(CLOSE.helloTimeout, `no welcome within ${LIVENESS.welcomeMs / 1000} s`)
    })
    this.since = momentOf(clock)
    this.channel.send(hello)
  }

  /** When this client's own slot is, by the monotonic clock, if the server has said goodbye. */
  get slot(): number | undefined {
    return this.#slot
  }

  /** For the end: for so long nothing had passed, on a connection that the server pings so often. */
  get silence(): { quietMs: number; heartbeatMs: number } {
    const { port } = this.#parts
    return { quietMs: isSocket(port) ? port.quietMs() : 0, heartbeatMs: this.#heartbeatMs }
  }

  close(code: number, reason: string): void {
    this.channel.close(code, reason)
  }

  #take(frame: PassedFrame): void {
    if (frame.type === 'bye') this.#slot = this.#parts.clock.monotonic() + frame.afterMs
    else if (frame.type === 'welcome') this.#welcome(frame)
    else if (!this.#welcomed) throw new CloseError(CLOSE.violation, `${frame.type} before welcome`)
    else if (frame.type === 'ping') this.channel.send({ type: 'pong', at: frame.at })
    else this.#parts.events.onFrame(this, frame)
  }

  #welcome(welcome: Welcome): void {
    if (this.#welcomed) throw new CloseError(CLOSE.violation, 'a second welcome')
    if (!VERSIONS.includes(welcome.version))
      throw new CloseError(CLOSE.version, `version ${welcome.version} is unknown`)
    this.#welcomed = true
    this.#heartbeatMs = welcome.heartbeat.intervalMs
    this.#stopWatch()
    this.#stopWatch = this.#watch(welcome.heartbeat.timeoutMs || LIVENESS.agentMs)
    this.channel.maxBytes = MESSAGE.bytes
    this.channel.maxSend = welcome.limits.messageBytes
    this.#parts.events.onWelcome(this, welcome)
  }

  #watch(deadMs: number): () => void {
    const { port, clock, pingMs } = this.#parts
    if (!isSocket(port)) return () => {}
    const onDead = () => this.#abandon(CLOSE.heartbeat, `not a byte for ${Math.round(deadMs / 1000)} s`)
    return watch(port, clock, { ...(pingMs === undefined ? {} : { pingMs }), deadMs, onDead })
  }

  /** The other end does not answer: it would not answer a goodbye either. */
  #abandon(code: number, reason: string): void {
    this.channel.close(code, reason)
    if (isSocket(this.#parts.port)) this.#parts.port.terminate()
  }

  #end(code: number, reason: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#stopWatch()
    this.#parts.events.onEnd(this, code, reason)
  }
}

/** An in-memory port has no bytes to count and cannot fall silent. */
function isSocket(port: Port): port is SocketPort {
  return 'bytesRead' in port && 'terminate' in port
}
