import {
  type AgentView,
  BusError,
  type Clock,
  type Labels,
  type Log,
  type Offer,
  type ResultOf,
} from '../protocol/index.ts'
import type { Owed } from './owed.ts'
import { loadIndex, type Pair, QueueIndex } from './queue/index.ts'
import type { Seat } from './seat.ts'
import type { Change } from './store/change.ts'
import type { Store } from './store/store.ts'
import { isUnavailable } from './unavailable.ts'

interface DispatcherOptions {
  store: Store
  clock: Clock
  log: Log
  owed: Owed
}

/** Brings work and waiting agents together: the index proposes, the store disposes, the open `next` is answered. */
export class Dispatcher {
  readonly #store: Store
  readonly #clock: Clock
  readonly #log: Log
  readonly #owed: Owed
  readonly #index: QueueIndex
  /** Open calls of `next`, by the id the index knows them by. */
  readonly #open = new Map<string, (offer: Offer | null) => void>()
  /** Agents that let an offer lapse and have not been heard since. */
  readonly #silent = new Set<string>()
  #count = 0
  #shortestTtl = Number.POSITIVE_INFINITY
  #stopped = false
  #cancelWake: () => void = () => {}

  constructor({ store, clock, log, owed }: DispatcherOptions) {
    this.#store = store
    this.#clock = clock
    this.#log = log
    this.#owed = owed
    this.#index = new QueueIndex({ clock })
  }

  /** Milliseconds of the shortest lease handed out here. */
  get shortestTtl(): number {
    return this.#shortestTtl
  }

  /** Reads the queue. `apply` must be told of changes from before this call on. */
  async start(): Promise<void> {
    this.#index.setPaused((await this.#store.queueInfo()).paused)
    await loadIndex(this.#index, this.#store)
    this.#run()
  }

  /** No more offers, for good. */
  stop(): void {
    this.#stopped = true
    this.#cancelWake()
  }

  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === 'workflow') this.#index.apply(change)
      else if (change.kind === 'agent' && change.removed) this.#index.forgetAgent(change.id)
    }
    this.#run()
  }

  /** Waits for an offer. Aborted: null, and an offer that is already on its way here is declined. */
  async wait(seat: Seat, labels: Labels, signal: AbortSignal): Promise<Offer | null> {
    if (signal.aborted) return null
    const id = String(++this.#count)
    const { by } = seat
    seat.waiting += 1
    let abort = () => {}
    try {
      return await new Promise<Offer | null>((resolve) => {
        this.#open.set(id, resolve)
        abort = () => {
          this.#index.close(id)
          resolve(null)
        }
        signal.addEventListener('abort', abort, { once: true })
        this.#index.open({ id, ...by, labels: { ...seat.labels, ...labels }, openedAt: this.#clock.monotonic() })
        this.#run()
      })
    } finally {
      seat.waiting -= 1
      this.#open.delete(id)
      signal.removeEventListener('abort', abort)
    }
  }

  /** An agent was let in and goes on with these leases. */
  kept(agentId: string, leases: readonly string[]): void {
    this.#index.holds(agentId, leases)
  }

  /** The connection is over: what it waited for it no longer gets. */
  left({ by }: Seat): void {
    this.#index.drop(by.agentId, by.connection)
  }

  /** Whether an agent may be given work, as the store has it. */
  note({ id, schedulable, state }: AgentView): void {
    this.#index.setAgent(id, { schedulable, draining: state === 'draining' })
    this.#run()
  }

  /** An agent may have become schedulable, or stopped being so. */
  async refresh(agentId: string): Promise<void> {
    const agent = await this.#store.getAgent(agentId)
    if (agent !== null) this.note(agent)
  }

  setPaused(paused: boolean): void {
    this.#index.setPaused(paused)
    this.#run()
  }

  /** The agent let an offer lapse: nothing for it until it has said something. */
  lapsed(agentId: string): void {
    this.#silent.add(agentId)
    this.#index.lapsed(agentId)
  }

  /** A frame came from the agent; cheap, called for each. */
  spoke(agentId: string): void {
    if (!this.#silent.delete(agentId)) return
    this.#index.agentSpoke(agentId)
    this.#run()
  }

  explain(...asked: Parameters<QueueIndex['explain']>): ResultOf<'explain'>['reasons'] {
    return this.#index.explain(...asked)
  }

  #run(): void {
    if (this.#stopped) return
    for (let pair = this.#index.match(); pair !== null; pair = this.#index.match()) {
      this.#owed.add('an offer', this.#offer(pair))
    }
    this.#cancelWake()
    const wake = this.#index.nextWake()
    // A moment late, never early: an early look would find nothing and ask again at once.
    if (wake !== null) this.#cancelWake = this.#clock.after(Math.ceil(wake) + 1, () => this.#run())
  }

  async #offer({ waiting, workflowId }: Pair): Promise<void> {
    const by = { agentId: waiting.agentId, connection: waiting.connection }
    let offer: Offer | null
    try {
      offer = await this.#store.offer(workflowId, by)
    } catch (error) {
      if (error instanceof BusError && error.code === 'stale_lease') this.#index.refused(workflowId)
      else {
        if (!isUnavailable(error)) this.#log.warn({ error, workflowId }, 'an offer could not be made')
        this.#index.putBack(workflowId)
      }
      this.#run()
      return
    }
    if (offer === null) this.#index.refused(workflowId)
    else {
      this.#index.taken(workflowId)
      this.#shortestTtl = Math.min(this.#shortestTtl, offer.ttlMs)
      const answer = this.#open.get(waiting.id)
      if (answer === undefined) await this.#giveBack(offer, by)
      else answer(offer)
    }
    this.#run()
  }

  /** Nobody waits for it any more. Where the connection is gone too, the store has taken it back already. */
  async #giveBack(offer: Offer, by: { agentId: string; connection: number }): Promise<void> {
    try {
      await this.#store.decline(by, offer.lease, 'the agent no longer waits')
    } catch (error) {
      if (!(error instanceof BusError) || error.code !== 'stale_lease') throw error
    }
  }
}
