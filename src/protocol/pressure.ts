import type { Clock } from './clock.ts'
import { CALLS } from './limits.ts'
import type { Port } from './port.ts'

const LOOK_MS = 50

/** How it ended. */
interface Relief {
  /** Half of the room is free again. */
  relieved(): void
  /** It did not get better in time. */
  stuck(): void
}

/**
 * Keeps one slow reader from filling the server's memory: where an answer has no room beside what is unsent it waits, with
 * too much unsent nothing more is read, and if that does not help in time the connection is closed.
 */
export class Pressure {
  readonly #port: Port
  readonly #clock: Clock
  readonly #backlog: () => number
  readonly #on: Relief
  #paused = false
  #since: number | undefined
  #cancelLook: (() => void) | undefined

  constructor(port: Port, clock: Clock, backlog: () => number, on: Relief) {
    this.#port = port
    this.#clock = clock
    this.#backlog = backlog
    this.#on = on
  }

  /** Bytes that may yet be sent; none from when there was too little until half of it is free again. */
  room(): number {
    return this.#since === undefined ? CALLS.unsentBytes - this.#backlog() : 0
  }

  /** Call after each sending. */
  look(): void {
    if (this.#backlog() <= CALLS.unsentBytes) return
    this.#pause(true)
    this.begin()
  }

  /** There is too little room: it has to get better in time. */
  begin(): void {
    if (this.#since !== undefined) return
    this.#since = this.#clock.monotonic()
    this.#lookLater()
  }

  close(): void {
    this.#cancelLook?.()
    this.#cancelLook = undefined
  }

  #lookLater(): void {
    this.#cancelLook = this.#clock.after(LOOK_MS, () => this.#again())
  }

  #again(): void {
    this.#cancelLook = undefined
    if (this.#backlog() <= CALLS.unsentBytes / 2) {
      this.#since = undefined
      this.#pause(false)
      this.#on.relieved()
    } else if (this.#clock.monotonic() - (this.#since ?? 0) >= CALLS.unsentMs) this.#on.stuck()
    else this.#lookLater()
  }

  #pause(paused: boolean): void {
    if (paused === this.#paused) return
    this.#paused = paused
    this.#port.pause?.(paused)
  }
}
