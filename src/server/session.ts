import type { ClaimVerdict, PassedFrame, ServedCall } from '../protocol/index.ts'
import { Channel, CLOSE, CloseError, type Frame, type FrameOf, LIVENESS, MESSAGE } from '../protocol/index.ts'
import { type Dead, type SocketPort, watch } from '../socket/index.ts'
import { AgentLink } from './agent-link.ts'
import type { Caller } from './caller.ts'
import type { BusSocket, Connection } from './connections.ts'
import type { Core } from './core.ts'
import { dispatch } from './dispatch.ts'
import { Floods } from './floods.ts'
import { type Greeting, greet } from './handshake.ts'
import { news } from './session-news.ts'
import { SessionLife } from './session-state.ts'
import { Subscriptions } from './subscriptions.ts'
import { isUnavailable } from './unavailable.ts'

type AgentFrame = FrameOf<'log'> | FrameOf<'gap'> | FrameOf<'receipt'>

/** One connection from its upgrade to its end. Owns the channel, the timers and the agent's link on it. */
export class Session implements Connection {
  readonly caller: Caller
  readonly bus: BusSocket
  readonly #core: Core
  readonly #port: SocketPort
  readonly #channel: Channel
  readonly #life: SessionLife
  readonly #subscriptions: Subscriptions
  readonly #floods: Floods
  readonly #greets: () => void
  readonly #unwatch: () => void
  /** The hello's deadline, later the slot to leave. */
  #cancelTimer: () => void

  /** `greets` is told once: by the first hello, or by the end of a connection that sent none. */
  constructor(core: Core, port: SocketPort, caller: Caller, greets: () => void = () => {}) {
    const { credential, login } = caller
    this.#core = core
    this.#greets = greets
    this.caller = caller
    const traffic = () => ({ received: port.bytesRead(), sent: port.bytesWritten() })
    this.bus = { role: credential.role, traffic, unsent: () => this.#channel.backlog() + this.#subscriptions.held() }
    this.#port = port
    this.#life = new SessionLife(news(core, credential.id))
    this.#floods = new Floods(core, port)
    this.#channel = new Channel({
      side: 'server',
      port,
      clock: core.clock,
      receives: 'client',
      maxBytes: login === null ? MESSAGE.helloBytes : MESSAGE.browserBytes,
      serve: (call) => this.#serve(call),
      onFrame: (frame) => this.#frame(frame),
      onClose: (code, reason) => this.#closed(code, reason),
      meter: this.#floods,
      onFault: (error, during) => core.log.error({ error, during }, 'a bug'),
    })
    this.#subscriptions = new Subscriptions(core, this.#channel)
    this.#unwatch = watch(port, core.clock, {
      pingMs: core.timings.pingMs,
      deadMs: LIVENESS.serverMs,
      onDead: (why) => this.#dead(why),
    })
    this.#cancelTimer = core.clock.after(LIVENESS.helloMs, () => this.dismiss(CLOSE.helloTimeout, 'no hello'))
    core.connections.add(this)
    // Let in before its credential ended, and here only now.
    const ended = core.revocations.howEnded(credential)
    if (ended !== undefined) this.dismiss(ended.code, ended.reason)
  }

  bye(afterMs: number, reason: string): void {
    const { state } = this.#life
    if (state.name !== 'ready') {
      if (state.name === 'hello') this.dismiss(CLOSE.restart, reason)
      return
    }
    this.#life.to({ name: 'draining', agent: state.agent, afterMs }, reason)
    this.#send({ type: 'bye', afterMs, reason })
    this.#cancelTimer = this.#core.clock.after(afterMs, () => this.dismiss(CLOSE.restart, reason))
  }

  dismiss(code: number, reason: string): void {
    if (!this.#life.open) return
    this.#leave(code, reason)
    this.#cancelTimer = this.#core.clock.after(LIVENESS.goodbyeMs, () => this.#port.terminate())
    this.#channel.close(code, reason)
  }

  #frame(frame: PassedFrame): void {
    switch (frame.type) {
      case 'hello':
        this.#hello(frame)
        return
      case 'ping':
        this.#send({ type: 'pong', ...(frame.at === undefined ? {} : { at: frame.at }) })
        return
      case 'pong':
        return
      case 'log':
      case 'gap':
      case 'receipt':
        this.#fromAgent(frame)
        return
      default:
        throw new CloseError(CLOSE.violation, `${frame.type} is not for the server`)
    }
  }

  #fromAgent(frame: AgentFrame): void {
    const agent = this.#agent()
    if (agent === null) throw new CloseError(CLOSE.violation, `${frame.type} is an agent's`)
    this.#core.dispatcher.spoke(agent.by.agentId)
    agent.receive(frame)
  }

  /** The agent behind this connection; throws before the welcome. */
  #agent(): AgentLink | null {
    const { state } = this.#life
    if (state.name === 'ready' || state.name === 'draining') return state.agent
    throw new CloseError(CLOSE.violation, 'nothing may come between hello and welcome')
  }

  // Runs up to the store's own queue before the next frame is looked at: that keeps the order of arrival.
  async #serve(call: ServedCall): Promise<unknown> {
    const agent = this.#agent()
    if (agent !== null) this.#core.dispatcher.spoke(agent.by.agentId)
    return dispatch(
      {
        core: this.#core,
        credential: this.caller.credential,
        address: this.caller.address,
        fromPage: this.caller.login !== null,
        seat: agent?.seat ?? null,
        subscriptions: this.#subscriptions,
        call,
      },
      call.method,
      call.params,
    )
  }

  #hello(frame: FrameOf<'hello'>): void {
    const { state } = this.#life
    if (state.name !== 'hello' || state.asked) throw new CloseError(CLOSE.violation, 'a second hello')
    this.#cancelTimer()
    this.#greets()
    this.#life.to({ name: 'hello', asked: true }, 'hello')
    this.#core.owed.add(
      'a handshake',
      greet(this.#core, this.caller, frame)
        .then((greeting) => this.#greeted(greeting, frame.dial))
        .catch((error: unknown) => this.#failed(error)),
    )
  }

  #greeted(greeting: Greeting, dial: number): void {
    const { bus } = this.#core.metrics
    if (!greeting.admitted) {
      bus.unwelcome()
      const { byeMs, code, reason } = greeting
      if (byeMs !== undefined && this.#life.open) this.#send({ type: 'bye', afterMs: byeMs, reason })
      this.dismiss(code, reason)
      return
    }
    const { seat, welcome } = greeting
    bus.welcomed(dial)
    this.#channel.maxBytes = welcome.limits.messageBytes
    this.#port.accept?.(welcome.limits.messageBytes)
    if (seat === null) {
      if (!this.#life.open) return
      this.#life.to({ name: 'ready', agent: null }, 'welcome')
      this.#send(welcome)
      return
    }
    const options = {
      core: this.#core,
      seat,
      port: this.#port,
      send: (frame: Frame) => this.#send(frame),
      dismiss: (code: number, reason: string) => this.dismiss(code, reason),
    }
    const link = new AgentLink(options, welcome.claims)
    // The socket went while the store answered: the store has numbered the connection and must hear of its end.
    if (!this.#life.open) {
      link.leave()
      return
    }
    this.#life.to({ name: 'ready', agent: link }, 'welcome')
    this.#channel.receives = 'agent'
    this.#send({ ...welcome, credit: link.credit })
    this.#seated(link, welcome.claims)
    if (this.#life.open) this.#core.intents.push(greeting.intents)
  }

  /** One connection an agent: the older one goes, and only one of the same process is told to stay away. */
  #seated(link: AgentLink, claims: readonly ClaimVerdict[]): void {
    const kept = claims.filter(({ verdict }) => verdict === 'keep' || verdict === 'cancel').map(({ lease }) => lease)
    this.#core.dispatcher.kept(link.by.agentId, kept)
    const loser = this.#core.ends.admit(link)
    if (loser === undefined) return
    const same = loser.boot === link.boot || loser === link
    if (same) loser.dismiss(CLOSE.superseded, 'a newer connection of this agent is here')
    else loser.dismiss(CLOSE.alreadyConnected, 'another process of this name was admitted')
  }

  #failed(error: unknown): void {
    this.#core.metrics.bus.unwelcome()
    if (error instanceof CloseError) {
      this.dismiss(error.code, error.reason)
      return
    }
    if (isUnavailable(error)) {
      this.dismiss(CLOSE.internal, error.message)
      return
    }
    this.#core.log.error({ error }, 'a handshake failed')
    this.dismiss(CLOSE.internal, 'the handshake failed')
  }

  #send(frame: Frame): void {
    this.#channel.send(frame, 'control')
  }

  #dead(why: Dead): void {
    if (why === 'silent') this.dismiss(CLOSE.heartbeat, 'nothing was heard')
    else this.dismiss(CLOSE.slow, 'a message comes too slowly')
    // Nobody is there to answer the goodbye.
    this.#port.terminate()
  }

  #closed(code: number, reason: string): void {
    this.#core.metrics.bus.left(code)
    if (this.#life.open) this.#leave(code, reason)
    this.#cancelTimer()
    this.#core.connections.drop(this)
  }

  #leave(code: number, reason: string): void {
    const { state } = this.#life
    const agent = state.name === 'ready' || state.name === 'draining' ? state.agent : null
    this.#life.to({ name: 'closed', code, reason }, reason || `code ${code}`)
    this.#cancelTimer()
    this.#greets()
    this.#floods.close()
    this.#unwatch()
    this.#subscriptions.close()
    agent?.leave()
  }
}
