import { type ClaimVerdict, type Frame, type FrameOf, LIVENESS } from '../protocol/index.ts'
import type { SocketPort } from '../socket/index.ts'
import type { Core } from './core.ts'
import type { AgentEnd } from './ends.ts'
import { LogIntake } from './logs/intake.ts'
import { RoundTrip } from './round-trip.ts'
import type { Seat } from './seat.ts'
import type { By, Intent } from './store/store.ts'

/** How often a probed socket is looked at for the answer to its ping. */
const LOOK_MS = 100

interface AgentLinkOptions {
  core: Core
  seat: Seat
  port: SocketPort
  send: (frame: Frame) => void
  dismiss: (code: number, reason: string) => void
}

/** The agent's side of a session: its frames come in here, and what the server wants of it goes out. */
export class AgentLink implements AgentEnd {
  readonly seat: Seat
  readonly credit: number
  readonly #options: AgentLinkOptions
  readonly #intake: LogIntake
  #left = false

  constructor(options: AgentLinkOptions, claims: readonly ClaimVerdict[]) {
    const { core, seat, send } = options
    this.#options = options
    this.seat = seat
    this.#intake = new LogIntake({
      by: seat.by,
      store: core.store,
      memory: core.logMemory,
      clock: core.clock,
      send,
      broken: (error) => {
        core.log.error({ error, agent: seat.name }, 'a log could not be stored')
        options.dismiss(1011, 'the log could not be stored')
      },
    })
    this.#intake.seed(claims)
    const roundTrip = new RoundTrip(core.clock, (ms) => this.#noteRoundTrip(ms))
    options.port.onPong?.((ms) => roundTrip.measured(ms))
    this.credit = this.#intake.credit.limit
  }

  get by(): By {
    return this.seat.by
  }

  get boot(): string {
    return this.seat.boot
  }

  tell(intent: Intent): void {
    const { workflowId, lease, revision, reason, graceMs } = intent
    if (intent.kind === 'cancel') this.#options.send({ type: 'cancel', workflowId, lease, revision, reason, graceMs })
    else this.#options.send({ type: 'revoke', workflowId, lease, revision, reason })
  }

  lost(workflowId: string, lease: string, reason: string): void {
    this.#options.send({ type: 'revoke', workflowId, lease, revision: 0, reason })
  }

  receive(frame: FrameOf<'log'> | FrameOf<'gap'> | FrameOf<'receipt'>): void {
    if (frame.type === 'log') this.#intake.log(frame)
    else if (frame.type === 'gap') this.#intake.gap(frame)
    else this.#receipt(frame)
  }

  /**
   * Any byte after our ping will do: the other side's socket is alive. Counted in looks, not by the clock: while our own
   * loop stands still an answer lies unread, and is found at the next look.
   */
  async probe(ms: number): Promise<boolean> {
    const { port, core } = this.#options
    const before = port.bytesRead()
    port.ping()
    for (let looks = Math.min(ms, LIVENESS.serverMs) / LOOK_MS; looks > 0 && !this.#left; looks--) {
      await new Promise<void>((resolve) => core.clock.after(LOOK_MS, resolve))
      if (port.bytesRead() > before) return true
    }
    return false
  }

  dismiss(code: number, reason: string): void {
    this.#options.dismiss(code, reason)
  }

  /** The connection is over: the store learns it, unless a newer one has taken its place. */
  leave(): void {
    const { core } = this.#options
    this.#left = true
    this.#intake.close()
    core.ends.drop(this)
    core.dispatcher.left(this.seat)
    core.owed.insist('telling the store that an agent left', () => core.store.disconnected(this.by))
  }

  /** One that cannot be noted is not worth another try. */
  #noteRoundTrip(ms: number): void {
    if (this.#left) return
    const { core } = this.#options
    core.owed.add('noting a round trip', core.store.noteRoundTrip(this.by, ms).catch(ignoreStale))
  }

  #receipt({ lease, revision, phase }: FrameOf<'receipt'>): void {
    const { core } = this.#options
    core.intents.receipted(lease, revision, phase)
    // A receipt for a lease that is gone is right on time: the agent says so of leases it does not know.
    core.owed.insist('noting a receipt', () => core.store.receipt(this.by, lease, revision, phase).catch(ignoreStale))
  }
}

function ignoreStale(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'stale_lease') return
  throw error
}
