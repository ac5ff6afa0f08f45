import type {
  Accepted,
  AgentInfo,
  CallOptions,
  Ended,
  Filter,
  LogEntry,
  Offer,
  Peer,
  StepState,
  Version,
  Work,
  WorkflowState,
} from '../../protocol/index.ts'
import { BusError, CloseError, LEASE, LeaseLost } from '../../protocol/index.ts'
import type { Core } from '../core.ts'
import type { AgentEnd } from '../ends.ts'
import type { Seat } from '../seat.ts'
import type { By, Credential, Intent } from '../store/store.ts'
import { isCode, LocalCaller } from './local-caller.ts'
import { LocalHold } from './local-hold.ts'
import { abortable, type LocalWork } from './local-work.ts'

/** An agent in the server's own process: the contract's calls go to the handlers themselves, no socket, no JSON. */
export class LocalPeer implements Peer, AgentEnd {
  readonly #core: Core
  readonly #caller: LocalCaller
  readonly #hold: LocalHold
  readonly #nexts = new Set<AbortController>()
  #cancelExtend: () => void

  constructor(core: Core, credential: Credential, seat: Seat) {
    this.#core = core
    this.#caller = new LocalCaller(core, credential, seat)
    this.#hold = new LocalHold(core, seat.by)
    this.#cancelExtend = this.#extendLater()
  }

  get by(): By {
    return this.#caller.seat.by
  }

  get boot(): string {
    return this.#caller.seat.boot
  }

  async version({ signal }: CallOptions = {}): Promise<Version> {
    return abortable(this.#caller.call('version', {}), signal)
  }

  async next(filter: Filter = {}, { signal }: CallOptions = {}): Promise<Offer | null> {
    this.#caller.assertOpen()
    if (signal?.aborted) return null
    const controller = new AbortController()
    const abort = () => controller.abort()
    signal?.addEventListener('abort', abort, { once: true })
    this.#nexts.add(controller)
    try {
      const offer = await this.#caller.call('next', filter, controller.signal)
      // Closed, not given up by the caller: that one is told.
      if (offer === null && signal?.aborted !== true) this.#caller.assertOpen()
      if (offer !== null) this.#hold.take(offer)
      return offer
    } finally {
      this.#nexts.delete(controller)
      signal?.removeEventListener('abort', abort)
    }
  }

  async decline({ lease }: Work, reason: string): Promise<void> {
    this.#hold.forget(lease)
    try {
      await this.#caller.call('decline', { lease, reason })
    } catch (error) {
      if (!isCode(error, 'stale_lease')) throw error
    }
  }

  async init({ lease }: Work, state: WorkflowState, { signal }: CallOptions = {}): Promise<Accepted> {
    const work = this.#held(lease)
    const renewed = this.#core.clock.monotonic()
    const accepted = this.#leased(work, this.#caller.call('init', { lease, state })).then((answer) => {
      work.renewed = renewed
      work.started()
      return answer
    })
    return abortable(accepted, signal)
  }

  async wait({ lease }: Work, { signal }: CallOptions = {}): Promise<Ended> {
    return this.#held(lease).wait(signal)
  }

  async update({ lease }: Work, step: StepState, { signal }: CallOptions = {}): Promise<void> {
    const work = this.#held(lease)
    const seq = work.note(step)
    const updated = this.#leased(work, this.#caller.call('update', { lease, seq, step }))
    await abortable(updated, signal)
  }

  enqueueLog({ lease }: Work, entry: LogEntry): void {
    this.#hold.find(lease)?.log(entry)
  }

  async extend({ lease }: Work, { signal }: CallOptions = {}): Promise<void> {
    const work = this.#held(lease)
    await abortable(this.#extend([work]), signal)
    if (work.standing.name === 'lost') throw work.standing.error
  }

  async done({ lease }: Work, state: WorkflowState, { signal }: CallOptions = {}): Promise<void> {
    const work = this.#hold.find(lease)
    if (work === undefined) throw unknown(lease)
    if (work.standing.name === 'lost') {
      this.#stopped(lease, work.standing.revision)
      return
    }
    await abortable(this.#finish(work, state), signal)
  }

  async registerAgent(agent: AgentInfo, { signal }: CallOptions = {}): Promise<string> {
    const { id } = await abortable(this.#caller.call('register', { agent }), signal)
    return id
  }

  async unregisterAgent({ signal }: CallOptions = {}): Promise<void> {
    await abortable(this.#caller.call('unregister', {}), signal)
  }

  async reportHealth({ signal }: CallOptions = {}): Promise<void> {
    await abortable(this.#caller.call('health', {}), signal)
  }

  /** Ends the peer: what it was asked to write is written, what waits is told. What it still runs it loses in time. */
  async close(): Promise<void> {
    await this.#hold.flushed()
    this.dismiss(1000, 'the peer was closed')
  }

  tell(intent: Intent): void {
    const { lease, revision, kind, reason } = intent
    const work = this.#hold.find(lease)
    if (work === undefined) {
      this.#caller.receipt(lease, revision, 'stopped')
      return
    }
    if (kind === 'cancel') work.cancel(intent)
    else work.lose(reason, revision)
    this.#caller.receipt(lease, revision, 'received')
  }

  lost(_workflowId: string, lease: string, reason: string): void {
    this.#hold.find(lease)?.lose(reason)
  }

  async probe(): Promise<boolean> {
    return true
  }

  dismiss(code: number, reason: string): void {
    if (this.#caller.closed) return
    const why = code >= 4000 ? new CloseError(code, reason) : new BusError('unavailable', reason, { retry: 'never' })
    this.#caller.close(why)
    this.#cancelExtend()
    for (const next of this.#nexts) next.abort()
    this.#hold.close()
    this.#core.ends.drop(this)
    this.#core.dispatcher.left(this.#caller.seat)
    this.#core.owed.add('telling the store that the local agent left', this.#core.store.disconnected(this.by))
  }

  async #finish(work: LocalWork, state: WorkflowState): Promise<void> {
    try {
      await this.#caller.call('done', { lease: work.lease, state, steps: work.results(state) })
    } catch (error) {
      // Lost meanwhile: there is nothing left to report, which is no failure of the caller.
      if (isCode(error, 'stale_lease')) work.lose('the server had given the work away')
      else if (!isCode(error, 'already_done')) throw error
    }
    work.done()
  }

  /** A refusal of the lease means that it is lost. */
  async #leased<T>(work: LocalWork, call: Promise<T>): Promise<T> {
    try {
      return await call
    } catch (error) {
      throw isCode(error, 'stale_lease') ? work.lose('the server no longer knows it') : error
    }
  }

  async #extend(works: readonly LocalWork[]): Promise<void> {
    const renewed = this.#core.clock.monotonic()
    const leases = works.flatMap(({ lease, phase }) => (phase === null ? [] : [{ lease, phase }]))
    if (leases.length === 0) return
    const { claims } = await this.#caller.call('extend', { leases })
    for (const { lease, verdict } of claims) {
      const work = this.#hold.find(lease)
      if (verdict === 'keep' || verdict === 'cancel') {
        if (work !== undefined) work.renewed = renewed
      } else if (verdict === 'lost' || verdict === 'logs') work?.lose('the server had given the work away')
    }
  }

  #extendLater(): () => void {
    const every = Math.min(
      LEASE.extendMs,
      this.#core.timings.leaseMs / LEASE.extendsPerTtl,
      this.#hold.shortestTtl() / 4,
    )
    return this.#core.clock.after(every, () => {
      this.#cancelExtend = this.#extendLater()
      this.#hold.fence()
      this.#core.owed.add('renewing the leases of the local agent', this.#extend(this.#hold.running()))
    })
  }

  #stopped(lease: string, revision: number | undefined): void {
    if (revision !== undefined && !this.#caller.closed) this.#caller.receipt(lease, revision, 'stopped')
  }

  #held(lease: string): LocalWork {
    this.#caller.assertOpen()
    const work = this.#hold.find(lease)
    if (work === undefined) throw unknown(lease)
    if (work.standing.name === 'lost') throw work.standing.error
    return work
  }
}

function unknown(lease: string): LeaseLost {
  return new LeaseLost(lease, 'this peer was not given it')
}
