import { type Call, Engine, type EngineOptions, type Timed } from './engine.ts'
import type { Link } from './front.ts'

/** The engine in the caller's own thread: for tests, and for a store that need not be fast. */
export class LocalLink implements Link {
  readonly #engine: Engine
  #outcome: (outcome: Timed) => void = () => {}
  #failure: (error: Error) => void = () => {}

  constructor(options: EngineOptions) {
    this.#engine = new Engine(options)
  }

  post(calls: Call[]): void {
    // A copy each way, as a thread would have: no caller shares an object with the engine.
    const outcome = this.#run(structuredClone(calls))
    if (outcome !== undefined) this.#outcome(structuredClone(outcome))
  }

  #run(calls: Call[]): Timed | undefined {
    try {
      return this.#engine.run(calls)
    } catch (error) {
      this.#failure(error instanceof Error ? error : new Error(String(error)))
      return undefined
    }
  }

  onOutcome(listener: (outcome: Timed) => void): void {
    this.#outcome = listener
  }

  onFailure(listener: (error: Error) => void): void {
    this.#failure = listener
  }

  async close(): Promise<void> {
    this.#engine.close()
  }
}
