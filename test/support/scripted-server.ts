import {
  BusError,
  Channel,
  type Clock,
  type Frame,
  type FrameOf,
  LIMITS_IN_FORCE,
  MESSAGE,
  type MethodName,
  type Offer,
  type PassedFrame,
  RELEASE,
  type ServedCall,
} from '../../src/protocol/index.ts'
import { type PairPort, pair } from './pair.ts'

type Hello = FrameOf<'hello'>
type Welcome = FrameOf<'welcome'>
type Answer = (call: ServedCall, at: Connection) => unknown

/** One connection as the server saw it. */
export class Connection {
  readonly number: number
  readonly port: PairPort
  readonly channel: Channel
  hello: Hello | undefined
  /** Everything in the order it came: calls as `method lease`, frames as their type. */
  readonly heard: string[] = []
  closed: { code: number; reason: string } | undefined

  constructor(server: ScriptedServer, number: number, port: PairPort) {
    this.number = number
    this.port = port
    this.channel = new Channel({
      side: 'server',
      port,
      clock: server.clock,
      receives: 'client',
      maxBytes: MESSAGE.helloBytes,
      serve: (call) => server.serve(call, this),
      onFrame: (frame) => server.take(frame, this),
      onClose: (code, reason) => {
        this.closed = { code, reason }
      },
    })
  }

  send(frame: Frame): void {
    this.channel.send(frame)
  }

  cut(): void {
    this.port.cut()
  }
}

/** A server's end without a server: it answers as a test says, and remembers what it heard. */
export class ScriptedServer {
  readonly clock: Clock
  readonly connections: Connection[] = []
  readonly frames: PassedFrame[] = []
  readonly calls: { method: MethodName; params: unknown; connection: number }[] = []
  /** Handed to the next `next`, one each. */
  readonly offers: Offer[] = []
  /** What a welcome says beside the usual: its claims, its credit. */
  welcome: (hello: Hello) => Partial<Welcome> = () => ({})
  /** False: hellos stay unanswered. */
  greets = true
  /** Set: dialling fails so. */
  refuse: (() => Error) | undefined
  readonly #answers = new Map<MethodName, Answer>()
  readonly #waiting: (() => void)[] = []

  constructor(clock: Clock) {
    this.clock = clock
    this.on('next', (call) => this.#next(call))
    this.on('init', () => ({ secrets: {} }))
    for (const method of ['update', 'done', 'health', 'unregister', 'decline'] as const) this.on(method, () => ({}))
    this.on('register', () => ({ id: 'agent-1', name: 'a' }))
    this.on('version', () => ({ protocol: 1, server: 'scripted' }))
    this.on('extend', (call) => {
      const { leases } = call.params as { leases: { lease: string }[] }
      return { claims: leases.map(({ lease }) => ({ lease, verdict: 'keep' })) }
    })
  }

  /** Says how a method is answered; a throw answers an error. */
  on(method: MethodName, answer: Answer): void {
    this.#answers.set(method, answer)
  }

  /** Stands in for the agent's dial. */
  readonly dial = async (): Promise<PairPort> => {
    if (this.refuse !== undefined) throw this.refuse()
    const [client, server] = pair()
    this.connections.push(new Connection(this, this.connections.length + 1, server))
    return client
  }

  get last(): Connection {
    const last = this.connections.at(-1)
    if (last === undefined) throw new Error('nobody has dialled')
    return last
  }

  offer(offer: Offer): void {
    this.offers.push(offer)
    this.#waiting.shift()?.()
  }

  callsOf(method: MethodName): { params: unknown; connection: number }[] {
    return this.calls.filter((call) => call.method === method)
  }

  framesOf<T extends PassedFrame['type']>(type: T): Extract<PassedFrame, { type: T }>[] {
    return this.frames.filter((frame): frame is Extract<PassedFrame, { type: T }> => frame.type === type)
  }

  async serve(call: ServedCall, at: Connection): Promise<unknown> {
    const { lease = '' } = call.params as { lease?: string }
    at.heard.push(`${call.method} ${lease}`.trim())
    this.calls.push({ method: call.method, params: call.params, connection: at.number })
    const answer = this.#answers.get(call.method)
    if (answer === undefined) throw new BusError('unknown_method', 'not in this script')
    return answer(call, at)
  }

  take(frame: PassedFrame, at: Connection): void {
    at.heard.push(frame.type)
    this.frames.push(frame)
    if (frame.type === 'hello') this.#greet(frame, at)
  }

  #greet(hello: Hello, at: Connection): void {
    at.hello = hello
    at.channel.receives = 'agent'
    if (!this.greets) return
    at.send({
      type: 'welcome',
      version: 1,
      features: [],
      connection: at.number,
      server: { id: 's1', version: RELEASE },
      agent: { id: 'agent-1', name: hello.agent?.name ?? '' },
      limits: { ...LIMITS_IN_FORCE },
      heartbeat: { intervalMs: 15_000, timeoutMs: 40_000 },
      credit: 1 << 30,
      claims: hello.claims.map(({ lease }) => ({ lease, verdict: 'keep', steps: [] })),
      ...this.welcome(hello),
    })
  }

  #next(call: ServedCall): Promise<Offer | null> {
    return new Promise((resolve) => {
      const look = (): void => {
        const offer = this.offers.shift()
        if (offer === undefined) this.#waiting.push(look)
        else resolve(offer)
      }
      call.signal.addEventListener('abort', () => {
        const at = this.#waiting.indexOf(look)
        if (at !== -1) this.#waiting.splice(at, 1)
        resolve(null)
      })
      look()
    })
  }
}
