import type { Entry } from './entry.ts'
import { goesBefore, Line } from './line.ts'

/** One concurrency group: who holds a place, who may go next, and who waits for that. */
interface Group {
  /** Offered, running or about to be. */
  readonly occupied: Set<string>
  /** The first in line, as many as there are places; in order. */
  readonly admitted: Entry[]
  readonly line: Line<Entry>
}

/**
 * Concurrency groups, global by name. Members go strictly in order of priority and age, whatever their labels: the
 * first `limit − occupied` may be offered, and one that nobody suits keeps its place. Members that wait for
 * dependencies are not here, so they hold up nobody.
 */
export class Groups {
  readonly #groups = new Map<string, Group>()
  readonly #onAdmission: (entry: Entry) => void

  /** Told whenever `entry.admitted` has changed. */
  constructor(onAdmission: (entry: Entry) => void) {
    this.#onAdmission = onAdmission
  }

  get count(): number {
    return this.#groups.size
  }

  /** A member is pending. */
  queue(entry: Entry, name: string): void {
    const group = this.#open(name)
    const last = group.admitted.at(-1)
    if (last !== undefined && goesBefore(entry, last)) this.#admit(group, entry)
    else group.line.add(entry)
    this.#settle(name, group)
  }

  /** A member was offered or runs. */
  occupy(entry: Entry, name: string): void {
    const group = this.#open(name)
    group.occupied.add(entry.id)
    this.#settle(name, group)
  }

  /** A member is neither pending nor running any more, or about to change. `queued`: it was pending. */
  leave(entry: Entry, name: string, queued: boolean): void {
    const group = this.#groups.get(name)
    if (group === undefined) return
    if (!queued) group.occupied.delete(entry.id)
    else if (entry.admitted) this.#dismiss(group, group.admitted.indexOf(entry))
    else group.line.remove(entry)
    this.#settle(name, group)
  }

  /** For people: how many hold a place, and who of the group goes first. */
  look(name: string): { occupied: number; first: Entry | undefined } {
    const group = this.#groups.get(name)
    return { occupied: group?.occupied.size ?? 0, first: group?.admitted[0] ?? group?.line.peek() }
  }

  #open(name: string): Group {
    const found = this.#groups.get(name)
    if (found !== undefined) return found
    const group: Group = { occupied: new Set(), admitted: [], line: new Line() }
    this.#groups.set(name, group)
    return group
  }

  /** Sends back whoever is one too many, then lets in whoever fits. */
  #settle(name: string, group: Group): void {
    const { occupied, admitted, line } = group
    const over = admitted.findIndex((entry, at) => occupied.size + at >= entry.limit)
    while (over !== -1 && admitted.length > over) {
      const last = this.#dismiss(group, admitted.length - 1)
      if (last !== undefined) line.add(last)
    }
    for (let next = line.peek(); next !== undefined; next = line.peek()) {
      if (occupied.size + admitted.length >= next.limit) break
      line.remove(next)
      this.#admit(group, next)
    }
    if (occupied.size === 0 && admitted.length === 0 && line.size === 0) this.#groups.delete(name)
  }

  #admit(group: Group, entry: Entry): void {
    const at = group.admitted.findIndex((other) => goesBefore(entry, other))
    group.admitted.splice(at === -1 ? group.admitted.length : at, 0, entry)
    entry.admitted = true
    this.#onAdmission(entry)
  }

  #dismiss(group: Group, at: number): Entry | undefined {
    const [entry] = group.admitted.splice(at, 1)
    if (entry === undefined) return undefined
    entry.admitted = false
    this.#onAdmission(entry)
    return entry
  }
}
