import type { Clock } from '../protocol/index.ts'

/** One instant on both clocks: monotonic time stands still while a machine sleeps, wall time may be set. */
export interface Moment {
  readonly monotonic: number
  readonly wall: number
}

export function momentOf(clock: Clock): Moment {
  return { monotonic: clock.monotonic(), wall: clock.now() }
}

/** Milliseconds since then, by whichever clock says more: to think too little time has passed would be the danger. */
export function elapsed(since: Moment, now: Moment): number {
  return Math.max(now.monotonic - since.monotonic, now.wall - since.wall)
}
