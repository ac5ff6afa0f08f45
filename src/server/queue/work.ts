import type { LaneKey } from '../store/change.ts'
import type { Entry } from './entry.ts'
import { Exclusions } from './exclusions.ts'
import { Groups } from './groups.ts'
import { Holds } from './holds.ts'
import type { LabelSets } from './label-sets.ts'
import { Lanes } from './lanes.ts'

interface Named {
  id: string
  version: number
  lease: string | null
}

/** The workflows the index knows, and what of them may be offered: past its group, past its hold, in a lane. */
export class Work {
  readonly lanes = new Lanes()
  readonly holds = new Holds()
  readonly groups = new Groups((entry) => this.#show(entry))
  readonly #exclusions = new Exclusions()
  readonly #sets: LabelSets
  readonly #entries = new Map<string, Entry>()
  readonly #byLease = new Map<string, Entry>()

  constructor(sets: LabelSets) {
    this.#sets = sets
  }

  get size(): number {
    return this.#entries.size
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id)
  }

  ofLease(lease: string): Entry | undefined {
    return this.#byLease.get(lease)
  }

  /** Known, but in no line until `enter`. */
  add({ id, version, lease }: Named, state: Entry['state'], lane: LaneKey): Entry {
    const { labels, group, limit, priority, order } = lane
    const entry: Entry = {
      id,
      version,
      state,
      lease,
      set: this.#sets.use(labels),
      group,
      limit,
      priority,
      order,
      holder: null,
      reserved: false,
      admitted: false,
      lane: null,
      hold: null,
      exclusions: null,
      slot: -1,
      late: false,
    }
    this.#entries.set(id, entry)
    if (lease !== null) this.#byLease.set(lease, entry)
    return entry
  }

  /** Between `withdraw` and `enter`. Labels never change in a workflow's life. */
  update(entry: Entry, { version, lease }: Named, state: Entry['state'], lane: LaneKey): void {
    if (entry.lease !== null && entry.lease !== lease) this.#byLease.delete(entry.lease)
    if (lease !== null) this.#byLease.set(lease, entry)
    const { group, limit, priority, order } = lane
    Object.assign(entry, { version, lease, state, group, limit, priority, order })
  }

  remove(entry: Entry): void {
    this.withdraw(entry)
    this.holds.clear(entry)
    this.#exclusions.forget(entry)
    this.#sets.release(entry.set)
    this.#entries.delete(entry.id)
    if (entry.lease !== null) this.#byLease.delete(entry.lease)
  }

  /** Puts it where its state belongs: into its group's or its lane's line, or among those that hold a place. */
  enter(entry: Entry): void {
    const queued = isQueued(entry)
    if (entry.group === null) {
      entry.admitted = queued
      this.#show(entry)
    } else if (queued) this.groups.queue(entry, entry.group)
    else this.groups.occupy(entry, entry.group)
  }

  /** Undoes `enter`; before anything of the entry is changed that `enter` looks at. */
  withdraw(entry: Entry): void {
    if (entry.group !== null) this.groups.leave(entry, entry.group, isQueued(entry))
    entry.admitted = false
    this.#show(entry)
  }

  exclude(entry: Entry, agentId: string, until: number): void {
    this.lanes.take(entry)
    this.#exclusions.add(entry, agentId, until)
    this.#show(entry)
  }

  /** Lets go what a time held. */
  wake(now: number): void {
    for (let due = this.holds.takeDue(now); due !== undefined; due = this.holds.takeDue(now)) this.#show(due)
    for (let due = this.#exclusions.takeDue(now); due !== undefined; due = this.#exclusions.takeDue(now)) {
      this.lanes.take(due)
      this.#show(due)
    }
  }

  nextWake(): number | undefined {
    const [hold, exclusion] = [this.holds.next(), this.#exclusions.next()]
    return hold === undefined || exclusion === undefined ? (hold ?? exclusion) : Math.min(hold, exclusion)
  }

  /** In a lane exactly while it may be offered. */
  #show(entry: Entry): void {
    const may = entry.admitted && entry.hold === null
    if (may && entry.lane === null) this.lanes.put(entry)
    else if (!may && entry.lane !== null) this.lanes.take(entry)
  }
}

function isQueued(entry: Entry): boolean {
  return entry.state === 'pending' && !entry.reserved
}
