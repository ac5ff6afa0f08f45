import type { Entry, Exclusion } from './entry.ts'
import { Heap } from './heap.ts'

/** Which agents declined or let lapse which workflows lately. */
export class Exclusions {
  readonly #soonest = new Heap<Exclusion>((a, b) => a.until < b.until)

  /** True if the agent was not excluded before. */
  add(entry: Entry, agentId: string, until: number): boolean {
    entry.exclusions ??= new Map()
    const known = entry.exclusions.get(agentId)
    if (known !== undefined) {
      known.until = Math.max(known.until, until)
      this.#soonest.update(known)
      return false
    }
    const exclusion: Exclusion = { entry, agentId, until, slot: -1 }
    entry.exclusions.set(agentId, exclusion)
    this.#soonest.push(exclusion)
    return true
  }

  /** The workflow has ended. */
  forget(entry: Entry): void {
    for (const exclusion of entry.exclusions?.values() ?? []) this.#soonest.remove(exclusion)
    entry.exclusions = null
  }

  /** Ends one that is over, and says whose it was. */
  takeDue(now: number): Entry | undefined {
    const first = this.#soonest.peek()
    if (first === undefined || first.until > now) return undefined
    this.#soonest.remove(first)
    first.entry.exclusions?.delete(first.agentId)
    return first.entry
  }

  next(): number | undefined {
    return this.#soonest.peek()?.until
  }

  get size(): number {
    return this.#soonest.size
  }
}
