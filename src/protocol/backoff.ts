import { RECONNECT } from './limits.ts'

/**
 * How long to wait before dialling again, in milliseconds. `attempt` counts failed or lost connections since the last
 * one that held for `RECONNECT.stableMs`: 1 is the first. `random` is in [0, 1).
 *
 * Everyone draws over the whole range, so that a fleet which lost its server at once does not come back at once.
 */
export function reconnectDelay(attempt: number, random: number): number {
  if (attempt <= 1) return between(RECONNECT.firstMin, RECONNECT.firstMax, random)
  return between(0, Math.min(RECONNECT.capMs, 2 ** Math.min(attempt, 30) * 1000), random)
}

/** The wait after a close that a quick return would only repeat (`closeAction` says `slow`). */
export function slowDelay(random: number): number {
  return between(RECONNECT.slowMin, RECONNECT.slowMax, random)
}

function between(least: number, most: number, random: number): number {
  return Math.round(least + (most - least) * random)
}
