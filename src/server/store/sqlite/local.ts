import { type Call, Engine, type EngineOptions, type Outcome } from './engine.ts'
import type { Link } from './front.ts'

/** The engine in the caller's own thread: for tests, and for a store that need not be fast. */
export class LocalLink implements Link {
  readonly #engine: Engine
  #listener: (outcome: Outcome) => void = () => {}

  constructor(options: EngineOptions) {
    this.#engine = new Engine(options)
  }

  post(calls: Call[]): void {
    // A copy each way, as a thread would have: no caller shares an object with the engine.
    this.#listener(structuredClone(this.#engine.run(structuredClone(calls))))
  }

  onOutcome(listener: (outcome: Outcome) => void): void {
    this.#listener = listener
  }

  onFailure(): void {}

  async close(): Promise<void> {
    this.#engine.close()
  }
}
