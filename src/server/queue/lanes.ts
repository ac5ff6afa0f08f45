import type { Entry, Lane } from './entry.ts'
import { Line } from './line.ts'

const NOBODY: ReadonlySet<string> = new Set()

/** The work that may be offered now. What its group or a time holds back is not in a lane. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>()

  all(): Iterable<Lane> {
    return this.#lanes.values()
  }

  get count(): number {
    return this.#lanes.size
  }

  put(entry: Entry): void {
    const lane = this.#laneFor(entry)
    lane.line.add(entry)
    entry.lane = lane
  }

  take(entry: Entry): void {
    const { lane } = entry
    if (lane === null) return
    lane.line.remove(entry)
    entry.lane = null
    if (lane.line.size === 0) this.#lanes.delete(lane.key)
  }

  #laneFor(entry: Entry): Lane {
    const excluded = entry.exclusions?.size ? [...entry.exclusions.keys()].sort() : []
    const key = excluded.length === 0 ? entry.set.key : `${entry.set.key}${JSON.stringify(excluded)}`
    const found = this.#lanes.get(key)
    if (found !== undefined) return found
    const lane: Lane = {
      key,
      set: entry.set,
      excluded: excluded.length === 0 ? NOBODY : new Set(excluded),
      line: new Line(),
    }
    this.#lanes.set(key, lane)
    return lane
  }
}
