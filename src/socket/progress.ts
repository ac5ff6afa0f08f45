import { LIVENESS } from '../protocol/index.ts'
import type { SocketPort } from './socket-port.ts'

/** Watches how a message comes in: one that trickles would hold its memory for ever, and count as alive. */
export class Progress {
  readonly #port: Pick<SocketPort, 'unfinished'>
  /** The message being waited for, and what was here of it when its time began. */
  #mark: { after: number; bytes: number; since: number } | undefined

  constructor(port: Pick<SocketPort, 'unfinished'>) {
    this.#port = port
  }

  /** To be asked now and then. `stalled`: our own loop stood still, so that the time since proves nothing. */
  isStuck(now: number, stalled: boolean): boolean {
    const { after = 0, bytes = 0 } = this.#port.unfinished?.() ?? {}
    const mark = this.#mark
    if (bytes === 0) this.#mark = undefined
    else if (mark === undefined || stalled || mark.after !== after || bytes - mark.bytes >= LIVENESS.trickleBytes) {
      this.#mark = { after, bytes, since: now }
    } else return now - mark.since >= LIVENESS.trickleMs
    return false
  }
}
