import { type FrameOf, LIMITS_IN_FORCE, LIVENESS, RELEASE } from '../../protocol/index.ts'
import type { SocketPort } from '../../socket/index.ts'
import { Wire } from '../wire.ts'

export type Welcome = FrameOf<'welcome'>

/** Log bytes that a new connection may send. */
const FIRST_CREDIT = 16 * 1024

/** One connection of the agent under test. */
export class Visit {
  readonly number: number
  readonly wire: Wire
  readonly since = performance.now()
  hello: FrameOf<'hello'> | undefined
  welcomed = false
  /** Requests so far: the next has this plus one as its id. */
  asked = 0
  /** Ids of open `next`. */
  readonly nexts: number[] = []
  /** Log bytes that came, and may come. */
  spent = 0
  limit = FIRST_CREDIT

  constructor(number: number, port: SocketPort, listener: ConstructorParameters<typeof Wire>[2]) {
    this.number = number
    this.wire = new Wire(port, 'agent', listener)
  }

  /** An agent's name for people. */
  get name(): string {
    return this.hello?.agent?.name ?? 'the agent'
  }

  get capacity(): number {
    return this.hello?.agent?.capacity ?? 1
  }

  welcome(more: Partial<Welcome>): void {
    this.welcomed = true
    const { hello } = this
    const claims = (hello?.claims ?? []).map(({ lease }) => ({ lease, verdict: 'lost' as const, steps: [] }))
    this.wire.say({
      type: 'welcome',
      version: 1,
      features: [],
      connection: this.number,
      server: { id: 'conformance', version: RELEASE },
      agent: { id: 'agent', name: this.name },
      limits: LIMITS_IN_FORCE,
      heartbeat: { intervalMs: LIVENESS.pingMs, timeoutMs: LIVENESS.agentMs },
      credit: this.limit,
      claims,
      ...more,
    })
  }

  /** More credit: so much beyond what has come. */
  grant(window: number): void {
    const limit = this.spent + window
    if (limit <= this.limit) return
    this.limit = limit
    this.wire.say({ type: 'credit', limit })
  }
}
