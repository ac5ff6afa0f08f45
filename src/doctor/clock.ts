import type { Case } from './case.ts'
import { type Outcome, ok, warning } from './finding.ts'
import { shown } from './shown.ts'

const TRIPS = 5
const SLOW_MS = 1_000
const SKEWED_MS = 5_000

/** How long there and back takes, and whether both mean the same by now. */
export async function checkClock(one: Case): Promise<Outcome> {
  const { patienceMs } = one.patient
  const visit = await one.visit()
  const trips: { tripMs: number; aheadMs: number }[] = []
  while (trips.length < TRIPS) {
    const sent = performance.now()
    const { at } = await visit.call('echo', { text: '' }, patienceMs)
    const tripMs = performance.now() - sent
    trips.push({ tripMs, aheadMs: at - (Date.now() - tripMs / 2) })
  }
  const [best = { tripMs: 0, aheadMs: 0 }] = trips.sort((a, b) => a.tripMs - b.tripMs)
  one.clock = best
  const { tripMs, aheadMs } = best
  const trip = `there and back in ${shown(tripMs)}`
  // What the trip took may be all on one side of it.
  if (Math.abs(aheadMs) - tripMs > SKEWED_MS) {
    const skew = `the server's clock is ${shown(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} the one here`
    return warning('clock_skew', `${trip}; ${skew}`, 'set both by NTP: times in logs are the agents’')
  }
  if (tripMs > SLOW_MS) return warning('slow', trip, 'all works, but each answer takes its time: is there a slow link?')
  return ok(`${trip}; the clocks agree`)
}
