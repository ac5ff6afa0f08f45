/** Where the log of one step of one attempt stands on one connection. */
export interface Position {
  readonly lease: string
  readonly stepId: string
  /** Last line handed to the store. Undefined: nothing yet, so that the store judges the first frame. */
  accepted: number | undefined
  /** The line before the first that came on this connection: the last that the agent believes to be on disk. */
  base: number | undefined
  /** Last line known to be on disk. Undefined: not told yet. */
  stored: number | undefined
  inFlight: number
  /** Commits since the agent was last told. */
  untold: number
  /** A hole was seen and the frames behind it are dropped; the agent is told once what was in flight is on disk. */
  hole: boolean
  /** The write itself failed: wait a moment before asking for the same again. */
  failed: boolean
}

/** So many steps on one connection are remembered; a forgotten one is judged by the store again. */
const MOST = 4096

export class Positions {
  readonly #byStep = new Map<string, Position>()

  of(lease: string, stepId: string): Position {
    const key = `${lease} ${stepId}`
    const known = this.#byStep.get(key)
    if (known !== undefined) return known
    if (this.#byStep.size >= MOST) this.#forget()
    const position: Position = {
      lease,
      stepId,
      accepted: undefined,
      base: undefined,
      stored: undefined,
      inFlight: 0,
      untold: 0,
      hole: false,
      failed: false,
    }
    this.#byStep.set(key, position)
    return position
  }

  #forget(): void {
    for (const [key, position] of this.#byStep) {
      if (position.inFlight > 0 || position.hole) continue
      this.#byStep.delete(key)
      if (this.#byStep.size < MOST / 2) return
    }
  }
}
