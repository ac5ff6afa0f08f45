import { CLOSE } from '../protocol/index.ts'
import type { Core } from './core.ts'
import type { SessionState } from './session-state.ts'

/** Writes what is worth knowing of a connection into the log, as its state changes. */
export function news({ log, clock }: Core, credential: string): (state: SessionState, why: string) => void {
  const who: { credential: string; agent?: string } = { credential }
  const opened = clock.monotonic()
  return (state, why) => {
    if (state.name === 'ready' && state.agent !== null) {
      who.agent = state.agent.seat.name
      log.info({ ...who, afterMs: Math.round(clock.monotonic() - opened) }, 'an agent is connected')
    }
    // A command that asked and left is no news.
    const worth = who.agent !== undefined || (state.name === 'closed' && state.code !== CLOSE.normal)
    if (state.name === 'closed' && worth) log.info({ ...who, code: state.code }, `closed: ${why}`)
  }
}
