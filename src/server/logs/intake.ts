import {
  BusError,
  CLOSE,
  type ClaimVerdict,
  type Clock,
  CloseError,
  type FrameOf,
  linesOf,
} from '../../protocol/index.ts'
import type { By, LogAppend, LogStore } from '../store/store.ts'
import { isUnavailable } from '../unavailable.ts'
import { Credit, costOf } from './credit.ts'
import type { LogMemory } from './memory.ts'
import { type Position, Positions } from './positions.ts'

/** A write that failed is asked for again after so long: a full disk must not become a storm. */
const RETRY_MS = 1000
/** While lines keep coming, the agent hears of its stored ones every so many commits. */
const TELL_EVERY = 4

interface IntakeOptions {
  by: By
  store: Pick<LogStore, 'appendLog'>
  memory: LogMemory
  clock: Clock
  send: (frame: FrameOf<'stored'> | FrameOf<'credit'>) => void
  /** Nothing is known of where to go on: only a new handshake tells. */
  broken: (error: unknown) => void
}

/**
 * The logs of one agent's connection: judges each frame against what was accepted before, without waiting for it, and
 * answers what is on disk. Owns the connection's credit.
 */
export class LogIntake {
  readonly credit: Credit
  readonly #options: IntakeOptions
  readonly #positions = new Positions()
  readonly #cancels = new Set<() => void>()

  constructor(options: IntakeOptions) {
    this.#options = options
    const grant = (limit: number) => options.send({ type: 'credit', limit })
    this.credit = new Credit({ memory: options.memory, clock: options.clock, grant })
  }

  /** Where the handshake left the logs. */
  seed(claims: readonly ClaimVerdict[]): void {
    for (const { lease, steps } of claims) {
      for (const { stepId, upto } of steps) {
        const position = this.#positions.of(lease, stepId)
        position.accepted = upto
        position.stored = upto
      }
    }
  }

  log(frame: FrameOf<'log'>): void {
    const { lease, stepId, from, text, runs } = frame
    // The codec has seen to it that text and runs agree.
    const lines = linesOf(runs)
    const cost = costOf(Buffer.byteLength(text), lines)
    this.credit.take(cost)
    this.#append({ lease, stepId, from, to: from + lines - 1, lines: { text, runs } }, cost)
  }

  gap(frame: FrameOf<'gap'>): void {
    const { lease, stepId, from, to, reason } = frame
    if (to < from) throw new CloseError(CLOSE.violation, 'bad gap: ends before it begins')
    this.#append({ lease, stepId, from, to, lines: null, reason }, 0)
  }

  /** The connection is gone. What the store has been asked to write it still writes. */
  close(): void {
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
  }

  #append(append: LogAppend, cost: number): void {
    const position = this.#positions.of(append.lease, append.stepId)
    if (!this.#fits(position, append)) {
      this.credit.dispose(cost)
      return
    }
    position.base ??= append.from - 1
    position.accepted = append.to
    position.inFlight += 1
    const settled = (apply: () => void) => {
      position.inFlight -= 1
      apply()
      this.credit.dispose(cost)
      if (position.inFlight === 0 && position.hole) this.#rewind(position)
    }
    this.#options.store.appendLog(this.#options.by, append).then(
      (answer) => settled(() => this.#answered(position, answer)),
      (error: unknown) => settled(() => this.#refused(position, error)),
    )
  }

  /** Whether the frame goes on where the last accepted one ended; what overlaps, the store trims. */
  #fits(position: Position, { from, to }: LogAppend): boolean {
    const { accepted } = position
    if (accepted === undefined) return true
    if (from > accepted + 1) {
      if (position.hole) return false
      position.hole = true
      if (position.inFlight === 0) this.#rewind(position)
      return false
    }
    position.hole = false
    if (to > accepted) return true
    if (position.stored !== undefined && to <= position.stored) this.#tell(position)
    return false
  }

  #answered(position: Position, { upto, hole }: { upto: number; hole: boolean }): void {
    position.stored = Math.max(position.stored ?? 0, upto)
    if (hole) {
      position.accepted = position.stored
      position.hole = true
      return
    }
    position.untold += 1
    if (position.inFlight === 0 || position.untold >= TELL_EVERY) this.#tell(position)
  }

  #refused(position: Position, error: unknown): void {
    // Nothing was written: the agent may go on from where it began here, even if the store has never been heard.
    if (isUnavailable(error)) position.stored ??= position.base
    const foreign = error instanceof BusError && (error.code === 'stale_lease' || error.code === 'not_found')
    position.accepted = position.stored
    position.hole = !foreign && position.stored !== undefined
    position.failed = position.hole
    if (!foreign && position.stored === undefined) this.#options.broken(error)
  }

  #rewind(position: Position): void {
    if (position.stored === undefined) return
    if (!position.failed) {
      this.#say(position, true)
      return
    }
    position.failed = false
    const cancel = this.#options.clock.after(RETRY_MS, () => {
      this.#cancels.delete(cancel)
      if (position.hole && position.inFlight === 0) this.#say(position, true)
    })
    this.#cancels.add(cancel)
  }

  #tell(position: Position): void {
    this.#say(position, false)
  }

  #say(position: Position, rewind: boolean): void {
    const { lease, stepId, stored } = position
    if (stored === undefined) return
    position.untold = 0
    this.#options.send({ type: 'stored', lease, stepId, upto: stored, ...(rewind ? { rewind } : {}) })
  }
}
