import { BusError, type Clock, type VISITOR_METHODS } from '../../protocol/index.ts'
import type { Handlers } from '../context.ts'

/** Whoever waits holds no more than this of our memory. */
const WAITING_CHARS = 1_024

/** What anybody may ask who was let in. */
export const VISITOR_HANDLERS: Handlers<keyof typeof VISITOR_METHODS> = {
  whoami: async ({ credential: { id, role, name, labels, expires = null } }) => ({ id, role, name, labels, expires }),

  echo: async ({ core, call }, { text, back = true, afterMs = 0 }) => {
    if (afterMs > 0) {
      if (text.length > WAITING_CHARS) throw new BusError('bad_request', 'a text that waits must be short')
      await passed(core.clock, afterMs, call.signal)
    }
    return { text: back ? text : '', at: core.clock.now() }
  },
}

/** Resolves after so long, or once nobody waits any more. */
function passed(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve)
    const giveUp = (): void => {
      cancel()
      resolve()
    }
    signal.addEventListener('abort', giveUp, { once: true })
  })
}
