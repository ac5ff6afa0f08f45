import type { Clock } from '../protocol/index.ts'
import type { Connections } from './connections.ts'
import type { Timings } from './timings.ts'

/** Upgrades a second that a server coming back can well take. */
const PER_SECOND = 200
/** As few as this many clients come back together without harm. */
const FEW = 20
/** Slots of few clients, per client. */
const FEW_MS = 100
/** A restart takes about so long: who comes sooner comes in vain. */
const RESTART_MS = 2_000
/** The return takes so much longer than the leaving: whoever comes in vain comes again among the others. */
const RETURN = 1.5

const GOODBYE = 'the server is restarting'

/** Over how long the clients' slots are spread: no herd for whoever serves them next, no lease lost on the way. */
export function drainSpan(clients: number, timings: Timings, shortestLease: number): number {
  const most = Math.min(timings.drainMax, shortestLease / 3)
  if (clients <= FEW) return Math.min(most, timings.drainMin, clients * FEW_MS)
  return Math.min(most, Math.max(timings.drainMin, (clients / PER_SECOND) * 1000))
}

interface DrainOptions {
  connections: Connections
  timings: Timings
  /** Milliseconds of the shortest lease that a client may hold. */
  shortestLease: number
  clock: Clock
  random: () => number
}

/** A server's leaving, from its first goodbye: who goes when, and when whoever knocks meanwhile should knock again. */
export class Drain {
  /** Resolves when everyone has gone. */
  readonly over: Promise<void>
  readonly #options: DrainOptions
  readonly #span: number
  readonly #endsAt: number

  constructor(options: DrainOptions) {
    const { connections, timings, shortestLease, clock, random } = options
    this.#options = options
    const all = shuffled(connections.all(), random)
    this.#span = drainSpan(all.length, timings, shortestLease)
    this.#endsAt = clock.monotonic() + this.#span
    connections.turnAway(GOODBYE)
    for (const [place, connection] of all.entries()) {
      const slot = Math.floor(((place + random()) / all.length) * this.#span)
      connection.bye(slot, GOODBYE)
    }
    this.over = connections.gone()
  }

  /** For who was sent off and finds no other server: once the next one may be up, and again not all at once. */
  retryAfterS(): number {
    const { clock, shortestLease, random } = this.#options
    const most = shortestLease / 3
    const left = Math.max(0, this.#endsAt - clock.monotonic())
    const later = Math.min(RESTART_MS, most) + random() * Math.min(RETURN * this.#span, most)
    return Math.max(1, Math.floor((left + later) / 1000))
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}
