import type { Case } from './case.ts'
import { failed, type Outcome, ok, skipped } from './finding.ts'
import { shown } from './shown.ts'

const WAIT_MS = 2_000
const LATE_MS = 1_500

/** Whether what the server says of itself comes at once: a cancel does. */
export async function checkPush(one: Case): Promise<Outcome> {
  const { clock } = one
  const { patienceMs } = one.patient
  if (clock === undefined) return skipped('the clocks could not be compared')
  const visit = await one.visit()
  const { at } = await visit.call('echo', { text: '', afterMs: WAIT_MS }, WAIT_MS + patienceMs)
  const tookMs = Math.max(0, Date.now() - (at - clock.aheadMs))
  if (tookMs <= LATE_MS + clock.tripMs) return ok(`what the server says by itself is here after ${shown(tookMs)}`)
  const found = `what the server says by itself is here only after ${shown(tookMs)}, though an answer takes ${shown(clock.tripMs)}`
  return failed('push_late', found, 'something on the way holds it back: have responses passed on at once, unbuffered')
}
