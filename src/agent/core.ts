import type { AgentInfo, Claim, Clock, FrameOf, Log, ParamsOf, Phase, Probe } from '../protocol/index.ts'
import { BusError } from '../protocol/index.ts'
import type { Attempt } from './attempt.ts'
import type { Guardian } from './guardian/guardian.ts'
import type { Journal } from './journal/journal.ts'
import { Keeper } from './keeper.ts'
import { Leases } from './leases.ts'
import { Link, type LinkOptions } from './link.ts'
import type { SpoolRoom } from './logs/shelf.ts'
import { LogSpool } from './logs/spool.ts'
import { elapsed, momentOf } from './moment.ts'
import { Orders } from './orders.ts'
import { type Delivered, type Kept, Pending } from './pending.ts'
import type { Session, Told, Welcome } from './session.ts'

/** What a connection may be given beside its address. */
export interface Extras {
  readonly probe: Probe
  readonly journal: Journal | undefined
  readonly guardian: Guardian | undefined
  readonly room: SpoolRoom | undefined
}

/** The agent's parts, and what passes between them and the connection. */
export class Core {
  readonly clock: Clock
  readonly log: Log
  readonly probe: Probe
  readonly journal: Journal | undefined
  readonly link: Link
  readonly leases: Leases
  readonly spool: LogSpool
  readonly keeper: Keeper
  readonly orders: Orders
  readonly #pending: Pending
  /** Waiting for everything to be delivered. */
  readonly #waiters = new Set<() => void>()
  info: AgentInfo

  constructor(options: LinkOptions, info: AgentInfo, { probe, journal, guardian, room }: Extras) {
    const { clock, log, random } = options
    this.clock = clock
    this.log = log
    this.probe = probe
    this.journal = journal
    this.info = info
    this.#pending = new Pending(clock, random)
    this.spool = new LogSpool(clock, log, (lease) => this.#emptied(lease), room)
    this.leases = new Leases(clock, this.spool, {
      onLost: (attempt, error) => this.#pending.drop(attempt.lease, error),
      onRenewed: ({ lease, fence, renewed }) =>
        guardian?.renew(lease, fence.lastMs - elapsed(renewed, momentOf(clock)), fence.graceMs),
      onDisowned: (attempt, phase) => this.#disowned(attempt, phase),
      onDone: (attempt) =>
        this.#pending.answered(attempt.lease, new BusError('already_done', 'the result has arrived')),
      onGone: (lease) => {
        journal?.forget(lease)
        guardian?.forget(lease)
      },
      onChange: () => this.#changed(),
    })
    this.keeper = new Keeper(clock, log, this.leases)
    this.orders = new Orders(this.leases)
    this.link = new Link(options, {
      info: () => this.info,
      claims: () => this.#claims(),
      fence: () => this.keeper.wake(),
      replaces: () => journal?.replaces ?? [],
      onUp: (session, welcome) => this.#up(session, welcome),
      onFrame: (_session, frame) => this.#take(frame),
      onDown: () => this.#down(),
      onStopped: (error) => this.#stopped(error),
    })
    journal?.attach(this.spool)
  }

  /** Delivers what must arrive. A lease that the server does not know as ours any more is lost. */
  async deliver<M extends Kept>(
    attempt: Attempt,
    method: M,
    params: ParamsOf<M> & { lease: string },
  ): Promise<Delivered<M>> {
    try {
      return await this.#pending.deliver(method, params, attempt.offer.ttlMs)
    } catch (error) {
      if (attempt.hold !== 'ours' || !(error instanceof BusError)) throw error
      if (error.code !== 'stale_lease') throw error
      // Its lines may still be wanted: that the next verdict tells.
      this.leases.lose(attempt, method === 'init' ? 'lost' : 'revoked', 'the server says so')
      throw attempt.lost ?? error
    }
  }

  /** Resolves once nothing is owed, or the signal aborts; rejects once the link has stopped. */
  delivered(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.leases.empty && this.#pending.empty) settle(resolve)
        else if (signal?.aborted) settle(resolve)
        else if (this.link.state.name === 'stopped') settle(() => reject(this.link.refusal()))
      }
      const settle = (answer: () => void): void => {
        this.#waiters.delete(look)
        signal?.removeEventListener('abort', look)
        answer()
      }
      this.#waiters.add(look)
      signal?.addEventListener('abort', look)
      look()
    })
  }

  /** Leaves for good. */
  close(): void {
    this.link.close()
  }

  #claims(): Claim[] {
    // What it says has to be true when it is read.
    this.keeper.fence()
    return this.leases.claims()
  }

  #up(session: Session, { claims, credit }: Welcome): void {
    const { channel, since } = session
    this.journal?.welcomed()
    for (const { lease, steps } of claims)
      for (const { stepId, upto } of steps) this.journal?.stored(lease, stepId, upto)
    this.leases.welcomed(claims, since)
    this.orders.connect(channel)
    this.#pending.connect(channel)
    this.keeper.connect(channel, since.monotonic)
    const upto = new Map(
      claims.map(({ lease, steps }) => [lease, new Map(steps.map((step) => [step.stepId, step.upto]))]),
    )
    const sink = { send: channel.send.bind(channel), backlog: () => channel.logBacklog() }
    this.spool.connect(sink, credit, (lease, stepId) => upto.get(lease)?.get(stepId) ?? 0)
  }

  #take(frame: Told): void {
    if (frame.type === 'cancel') this.orders.cancel(frame)
    else if (frame.type === 'revoke') this.orders.revoke(frame)
    else if (frame.type === 'stored') this.#stored(frame)
    else if (frame.type === 'credit') this.spool.credit(frame.limit)
  }

  #down(): void {
    this.leases.disconnected()
    this.orders.disconnect()
    this.#pending.disconnect()
    this.keeper.disconnect()
    this.spool.disconnect()
  }

  #stopped(error: Error | undefined): void {
    // What is still owed is lost to this process only.
    this.journal?.detach()
    this.leases.loseAll(error?.message ?? 'the agent has been closed')
    this.#pending.close(this.link.refusal())
    this.keeper.close()
    this.spool.close()
    this.#changed()
  }

  #stored(frame: FrameOf<'stored'>): void {
    this.journal?.stored(frame.lease, frame.stepId, frame.upto)
    this.spool.stored(frame)
  }

  /** Every line of a lease is on the server's disk. */
  #emptied(lease: string): void {
    const attempt = this.leases.get(lease)
    if (attempt !== undefined) this.leases.collect(attempt)
  }

  #disowned({ lease, offer }: Attempt, phase: Phase): void {
    const fields = { workflowId: offer.workflowId, lease, phase }
    // An offer may lapse while its acceptance is under way.
    if (phase === 'accepting') this.log.info(fields, 'an offer has lapsed')
    else
      this.log.error(fields, 'the server does not know this lease, or not any more: whatever is left of it is dropped')
  }

  #changed(): void {
    this.keeper.rearm()
    for (const look of [...this.#waiters]) look()
  }
}
