import type { Entry } from './entry.ts'
import type { Seats } from './seats.ts'

/** Which agent has which workflow, so that the one with the fewest is asked first. */
export class Holders {
  readonly #seats: Seats

  constructor(seats: Seats) {
    this.#seats = seats
  }

  give(entry: Entry, agentId: string): void {
    if (entry.holder !== agentId) this.take(entry)
    entry.holder = agentId
    this.#seats.hold(agentId, entry.id, true)
  }

  /** Says whose it was. */
  take(entry: Entry): string | null {
    const { holder } = entry
    entry.holder = null
    if (holder !== null) this.#seats.hold(holder, entry.id, false)
    return holder
  }
}
