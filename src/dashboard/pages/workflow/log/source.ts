import { BusError, type ResultOf } from '../../../../protocol/index.ts'
import type { Bus } from '../../../model/bus.ts'
import type { AskLines } from './search.ts'
import type { LogSource } from './step-log.ts'

/** Names the log of one step. */
export interface LogName {
  readonly id: string
  /** From 1. */
  readonly attempt: number
  readonly stepId: string
}

/** Of one reading, so that a jump shows its lines soon. */
const BYTES = 64 * 1024
/** A server that is asked too much says when again; no sooner than that. */
const BUSY_MS = 500

/** Reads a log from the server's store. `onState` hears how complete it is, whenever the server says so. */
export function storedLog(bus: Bus, name: LogName, onState: (state: ResultOf<'logs'>['state']) => void): LogSource {
  const read = async (from: number) => {
    const page = await bus.call('logs', { ...name, from, bytes: BYTES })
    onState(page.state)
    return page
  }
  return {
    read,
    async end() {
      // A space is soon found: what counts is where it began to look.
      const { scanned } = await bus.call('logs.search', { ...name, text: ' ', back: true })
      // The last page says what is missing.
      const { missing } = await read(scanned.to + 1)
      return { lines: scanned.to, missing }
    },
  }
}

/** Looks for a text in the server's store; waits for its turn where many do. */
export function searchOf(bus: Bus, name: LogName): AskLines {
  return async (text, where, signal) => {
    for (;;) {
      try {
        return await bus.call('logs.search', { ...name, text, ...where }, { signal })
      } catch (error) {
        if (signal.aborted || !(error instanceof BusError) || error.code !== 'busy') throw error
        await new Promise((resolve) => setTimeout(resolve, Math.max(BUSY_MS, error.retryAfterMs ?? 0)))
      }
    }
  }
}
