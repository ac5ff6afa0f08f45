import type { AgentView, Clock, ResultOf, WorkflowDetail } from '../../protocol/index.ts'
import { LEASE } from '../../protocol/index.ts'
import { EVERYTHING } from '../scope.ts'
import type { Change, LaneKey } from '../store/change.ts'
import type { Bench, Waiting } from './bench.ts'
import { choose } from './choose.ts'
import type { Entry } from './entry.ts'
import { explain } from './explain.ts'
import { Holders } from './holders.ts'
import { LabelSets } from './label-sets.ts'
import type { Pair, Reserved } from './pair.ts'
import { Seats } from './seats.ts'
import { Work } from './work.ts'

export type WorkflowChange = Change & { kind: 'workflow' }

/** A workflow that the store refused rests this long: nothing here says why, and the caller would ask again at once. */
const REST_MS = 250
/** The agent whose offer was refused steps aside this long: it may be gone or unschedulable without our knowing. */
const REFUSED_MS = 5_000

/**
 * Decides which workflow goes to which open `next`. It holds no truth: the store's changes feed it, and the store may
 * refuse what it proposes. All calls are synchronous and cheap; nothing happens by itself, so call `match` until null
 * after anything changed, and again after `nextWake` milliseconds.
 */
export class QueueIndex {
  readonly #clock: Clock
  readonly #sets = new LabelSets()
  readonly #seats = new Seats(this.#sets)
  readonly #holders = new Holders(this.#seats)
  readonly #work: Work
  readonly #pairs = new Map<string, Reserved>()
  /** Versions of what ended while the queue is being loaded, so that a page read earlier does not revive it. */
  #ended: Map<string, number> | null = null
  #paused = false

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock
    this.#work = new Work(this.#sets)
  }

  /** From here to `finishLoading` nothing is matched. */
  startLoading(): void {
    this.#ended = new Map()
  }

  finishLoading(): void {
    this.#ended = null
  }

  setPaused(paused: boolean): void {
    this.#paused = paused
  }

  /** A commit changed a workflow, or a row of the queue was read at start. Not newer than what is known: ignored. */
  apply(change: WorkflowChange): void {
    const entry = this.#work.get(change.id)
    const known = entry?.version ?? this.#ended?.get(change.id)
    if (known !== undefined && change.version < known) return
    const { lane, state } = change
    if (lane === null || (state !== 'pending' && state !== 'offered' && state !== 'running')) {
      this.#ended?.set(change.id, change.version)
      if (entry === undefined) return
      this.#holders.take(entry)
      this.#work.remove(entry)
    } else if (entry === undefined) {
      this.#add(change, state, lane)
    } else {
      this.#change(entry, change, state, lane)
    }
  }

  /** An agent asks for work. */
  open(waiting: Waiting): void {
    this.#seats.open(waiting)
  }

  /** Its `next` was aborted. Harmless for one that is not open. */
  close(waitingId: string): void {
    this.#seats.close(waitingId)
  }

  /** The agent's `next`s take nothing any more: of all its connections, or of the one that closed. */
  drop(agentId: string, connection?: number): void {
    this.#seats.drop(agentId, connection)
  }

  /** The agent was removed. */
  forgetAgent(agentId: string): void {
    this.#seats.remove(agentId)
  }

  /** An unschedulable or draining agent goes on waiting and is given nothing. Until told: schedulable, not draining. */
  setAgent(agentId: string, flags: { schedulable?: boolean; draining?: boolean }): void {
    this.#seats.set(agentId, flags)
  }

  /** The agent holds these leases since before this index knew (a handshake kept them): they count as its running ones. */
  holds(agentId: string, leases: readonly string[]): void {
    for (const lease of leases) {
      const entry = this.#work.ofLease(lease)
      if (entry !== undefined) this.#holders.give(entry, agentId)
    }
  }

  /** It let an offer lapse: nothing at all until `agentSpoke`. */
  lapsed(agentId: string): void {
    this.#seats.set(agentId, { silent: true })
  }

  /** A frame came from the agent. Cheap: call it for each. */
  agentSpoke(agentId: string): void {
    if (this.#seats.agent(agentId)?.silent) this.#seats.set(agentId, { silent: false })
  }

  /** The next pair, reserved until it is settled; null: nothing to hand out, or nobody who suits. */
  match(): Pair | null {
    this.#work.wake(this.#clock.monotonic())
    if (this.#paused || this.#ended !== null || this.#seats.size === 0) return null
    const found = choose(this.#work.lanes, this.#seats)
    return found === undefined ? null : this.#reserve(found.entry, found.bench)
  }

  /** The store made the offer and it is on its way: the open `next` is answered. */
  taken(workflowId: string): void {
    const pair = this.#settle(workflowId)
    if (pair === undefined) return
    const { entry, waiting, version } = pair
    this.#seats.close(waiting.id)
    if (this.#work.get(workflowId) !== entry) return
    // Not heard of the offer yet: it stands. Heard more than that: it is over already.
    if (entry.state === 'pending' && entry.version === version) entry.state = 'offered'
    else if (entry.state === 'pending') this.#holders.take(entry)
    this.#work.enter(entry)
  }

  /** The store did not hand it out. If it is pending all the same, others may have it after a rest. */
  refused(workflowId: string): void {
    this.#return(workflowId, REFUSED_MS)
  }

  /** The offer could not be made (the store failed): both go back, the workflow after a rest. */
  putBack(workflowId: string): void {
    this.#return(workflowId, 0)
  }

  /** Milliseconds until `match` may find something by time alone; null: not before something changes. */
  nextWake(): number | null {
    const next = this.#work.nextWake()
    return next === undefined ? null : Math.max(0, next - this.#clock.monotonic())
  }

  /** Why a workflow is not running yet: what holds it, then agent by agent, told to `scope`. Empty if nothing does. */
  explain(workflow: WorkflowDetail, agents: readonly AgentView[], scope = EVERYTHING): ResultOf<'explain'>['reasons'] {
    const at = { now: this.#clock.monotonic(), paused: this.#paused, work: this.#work, seats: this.#seats }
    return explain({ workflow, agents, scope, entry: this.#work.get(workflow.id), ...at })
  }

  /** How much it holds; all zero when there is nothing to do. */
  get size() {
    const { size: workflows, lanes, groups } = this.#work
    const counts = { lanes: lanes.count, groups: groups.count, labelSets: this.#sets.count }
    return { workflows, ...counts, waiting: this.#seats.size, pairs: this.#pairs.size }
  }

  #reserve(entry: Entry, bench: Bench): Pair | null {
    const waiting = this.#seats.reserve(bench)
    if (waiting === undefined) return null
    this.#work.withdraw(entry)
    entry.reserved = true
    this.#work.enter(entry)
    this.#holders.give(entry, waiting.agentId)
    this.#pairs.set(entry.id, { entry, waiting, version: entry.version })
    return { waiting, workflowId: entry.id }
  }

  #settle(workflowId: string): Reserved | undefined {
    const pair = this.#pairs.get(workflowId)
    if (pair === undefined) return undefined
    this.#pairs.delete(workflowId)
    if (this.#work.get(workflowId) === pair.entry) this.#work.withdraw(pair.entry)
    pair.entry.reserved = false
    return pair
  }

  #return(workflowId: string, excludeMs: number): void {
    const pair = this.#settle(workflowId)
    if (pair === undefined) return
    const { entry, waiting } = pair
    this.#seats.restore(waiting)
    if (this.#work.get(workflowId) !== entry) return
    if (entry.state === 'pending') {
      this.#holders.take(entry)
      if (excludeMs > 0) this.#exclude(entry, waiting.agentId, excludeMs)
      this.#work.holds.set(entry, Math.max(entry.hold?.until ?? 0, this.#clock.monotonic() + REST_MS))
    }
    this.#work.enter(entry)
  }

  #add(change: WorkflowChange, state: Entry['state'], lane: LaneKey): void {
    const entry = this.#work.add(change, state, lane)
    const pair = this.#pairs.get(change.id)
    if (pair !== undefined) {
      // It ended and came back while an offer of it is under way: that one is to be settled first.
      pair.entry = entry
      entry.reserved = true
    }
    this.#wait(entry, lane)
    this.#work.enter(entry)
  }

  #change(entry: Entry, change: WorkflowChange, state: Entry['state'], lane: LaneKey): void {
    this.#work.withdraw(entry)
    const left = entry.state !== 'pending' && state === 'pending' && !entry.reserved
    this.#work.update(entry, change, state, lane)
    if (left) this.#holders.take(entry)
    this.#wait(entry, lane)
    this.#work.enter(entry)
    if (change.refusedBy !== undefined) this.#exclude(entry, change.refusedBy, LEASE.excludeMs)
  }

  /** `notBefore` is the store's wall time; from here on it is ours, so that a corrected clock holds nothing up. */
  #wait(entry: Entry, { notBefore }: LaneKey): void {
    const left = entry.state === 'pending' ? notBefore - this.#clock.now() : 0
    if (left > 0) this.#work.holds.set(entry, this.#clock.monotonic() + left)
    else this.#work.holds.clear(entry)
  }

  #exclude(entry: Entry, agentId: string, ms: number): void {
    this.#work.exclude(entry, agentId, this.#clock.monotonic() + ms)
  }
}
