import { CLOSE, type Clock, CloseError, LOGS } from '../../protocol/index.ts'
import type { LogMemory } from './memory.ts'

/** The most one frame can cost: nobody counts so exactly that he may not be one frame late. */
const LARGEST_FRAME = LOGS.frameBytes + LOGS.frameLines * LOGS.lineCost
/** The window when memory is short: one largest line, so that no agent ever stands still. */
const ONE_LINE = LOGS.lineBytes + 1 + LOGS.lineCost

/** What one connection may still send of logs: a cumulative limit that follows how fast its lines are disposed of. */
export class Credit {
  #limit: number
  #received = 0
  #disposed = 0
  /** What was disposed of lately, oldest first. */
  readonly #recent: { at: number; bytes: number }[] = []
  #recently = 0
  readonly #memory: LogMemory
  readonly #clock: Clock
  readonly #grant: (limit: number) => void

  constructor(options: { memory: LogMemory; clock: Clock; grant: (limit: number) => void }) {
    this.#memory = options.memory
    this.#clock = options.clock
    this.#grant = options.grant
    this.#limit = this.#window()
  }

  get limit(): number {
    return this.#limit
  }

  /** Bytes that came. Throws 4502 for a sender that has left its credit behind by more than one frame. */
  take(cost: number): void {
    this.#received += cost
    if (this.#received > this.#limit + LARGEST_FRAME)
      throw new CloseError(CLOSE.violation, 'sent beyond its log credit')
    this.#memory.take(cost)
  }

  /** Bytes that were stored or dropped. Grants more once that is worth a frame. */
  dispose(cost: number): void {
    if (cost === 0) return
    this.#memory.release(cost)
    this.#disposed += cost
    this.#note(cost)
    const window = this.#window()
    const raise = this.#disposed + window - this.#limit
    if (raise <= 0) return
    const left = this.#limit - this.#received
    if (raise < window / 4 && left > LARGEST_FRAME) return
    this.#limit += raise
    this.#grant(this.#limit)
  }

  #note(bytes: number): void {
    const at = this.#clock.monotonic()
    this.#recent.push({ at, bytes })
    this.#recently += bytes
    while (this.#recent[0] !== undefined && this.#recent[0].at < at - LOGS.windowLookMs) {
      this.#recently -= this.#recent.shift()?.bytes ?? 0
    }
  }

  /** By the mean over several windows: after a stall of the disk a whole one is disposed of at once, and counts as one. */
  #window(): number {
    if (this.#memory.short) return ONE_LINE
    const mean = Math.floor((this.#recently * LOGS.windowMs) / LOGS.windowLookMs)
    return Math.min(LOGS.windowMax, Math.max(LOGS.windowMin, mean))
  }
}

/** What a log frame costs. */
export function costOf(bytes: number, lines: number): number {
  return bytes + lines * LOGS.lineCost
}
