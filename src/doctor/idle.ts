import type { Case } from './case.ts'
import { failed, type Outcome, ok, skipped } from './finding.ts'
import { shown } from './shown.ts'

/** A connection that was quiet for less was not cut for it. */
const LEAST_QUIET_MS = 1_000
/** The server may be busy when it should ping. */
const LATER = 1.2
/** No close frame came. */
const NO_GOODBYE = 1006

/** Whether a connection holds on which nothing is said but the server's pings. */
export async function checkIdle(one: Case): Promise<Outcome> {
  const { quiet, patient } = one
  if (quiet === undefined) return skipped('no connection was to be held (--idle 0s)')
  const pings = quiet.welcome.heartbeat.intervalMs
  await quiet.held(patient.idleMs)
  const { ended } = quiet
  if (ended === undefined) {
    return ok(`holds for ${shown(quiet.heldMs)}, with a ping of the server every ${shown(pings)}`)
  }
  const { code, reason, quietMs, heldMs } = ended
  if (code !== NO_GOODBYE) {
    return failed('closed', `closed with ${code} after ${shown(heldMs)}: ${reason}`, 'the log of the server says why')
  }
  if (quietMs >= LEAST_QUIET_MS && quietMs <= pings * LATER) {
    const found = `cut after ${shown(quietMs)} of silence, ${shown(heldMs)} after it was opened`
    const mend = `have the idle timeout on the way raised to 60 s; an agent will ping more often once it was cut three times`
    return failed('idle_cut', found, mend)
  }
  const found = `cut ${shown(heldMs)} after it was opened, though not for silence`
  return failed(
    'cut',
    found,
    'does something on the way limit how long a connection may live? Or does the server start anew?',
  )
}
