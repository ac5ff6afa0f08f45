import type { Connections } from './connections.ts'
import type { Timings } from './timings.ts'

/** Upgrades a second that a server coming back can well take. */
const PER_SECOND = 200
/** As few as this many clients come back together without harm. */
const FEW = 20
/** Slots of few clients, per client. */
const FEW_MS = 100

/** Over how long the clients' slots are spread: no herd for whoever serves them next, no lease lost on the way. */
export function drainSpan(clients: number, timings: Timings, shortestLease: number): number {
  const most = Math.min(timings.drainMax, shortestLease / 3)
  if (clients <= FEW) return Math.min(most, timings.drainMin, clients * FEW_MS)
  return Math.min(most, Math.max(timings.drainMin, (clients / PER_SECOND) * 1000))
}

/** Gives every client its slot and resolves when all have gone. */
export async function drainAll(
  connections: Connections,
  options: { timings: Timings; shortestLease: number; random: () => number },
): Promise<void> {
  const all = shuffled(connections.all(), options.random)
  const span = drainSpan(all.length, options.timings, options.shortestLease)
  for (const [place, connection] of all.entries()) {
    const slot = Math.floor(((place + options.random()) / all.length) * span)
    connection.bye(slot, 'the server is restarting')
  }
  await connections.gone()
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}
