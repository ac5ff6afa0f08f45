import type { Bench } from './bench.ts'
import type { Entry } from './entry.ts'
import type { Lanes } from './lanes.ts'
import { goesBefore } from './line.ts'
import type { Seats } from './seats.ts'

/** The first head that suits somebody, by priority and age, and whom it suits best. Costs a look at each lane. */
export function choose(lanes: Lanes, seats: Seats): { entry: Entry; bench: Bench } | undefined {
  let found: { entry: Entry; bench: Bench } | undefined
  for (const lane of lanes.all()) {
    const head = lane.line.peek()
    if (head === undefined || (found !== undefined && !goesBefore(head, found.entry))) continue
    const bench = seats.pick(lane.set, lane.excluded)
    if (bench !== undefined) found = { entry: head, bench }
  }
  return found
}
