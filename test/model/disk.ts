import { Db } from '../../src/server/store/sqlite/db.ts'
import { type Call, Engine, type Settled, type Timed } from '../../src/server/store/sqlite/engine.ts'
import type { Link } from '../../src/server/store/sqlite/front.ts'
import type { OpName } from '../../src/server/store/sqlite/ops.ts'
import type { Turns } from './turns.ts'

const OPTIONS = { leaseMs: 300_000, testTimings: false, keepMs: Number.POSITIVE_INFINITY }

/** The store's thread: commits when it is its turn, answers in another, and may die before either. */
export class Disk implements Link {
  readonly db: Db
  readonly #engine: Engine
  readonly #turns: Turns
  #inbox: Call[] = []
  #outcome: (outcome: Timed) => void = () => {}
  #working = false
  #dead = false

  constructor(file: string, turns: Turns) {
    this.#turns = turns
    this.db = new Db(file)
    this.#engine = new Engine({ file, ...OPTIONS }, this.db)
    // Power stays on: only processes die here.
    this.db.exec('PRAGMA synchronous = OFF')
  }

  post(calls: Call[]): void {
    this.#inbox.push(...structuredClone(calls))
    if (this.#working) return
    this.#working = true
    void this.#work()
  }

  onOutcome(listener: (outcome: Timed) => void): void {
    this.#outcome = listener
  }

  onFailure(): void {}

  async close(): Promise<void> {
    this.#engine.close()
  }

  /** What was not committed never is; what was is not answered any more. */
  kill(): void {
    this.#dead = true
    this.db.close()
  }

  /** Reads past the queue, as somebody would who looks at the file. */
  read(op: OpName, ...args: unknown[]): unknown {
    const [settled] = this.#engine.run([{ id: 0, op, args, now: 0 }]).settled as [Settled]
    if ('error' in settled) throw new Error(`${op}: ${settled.error.message}`)
    return settled.value
  }

  /** Owned by the disk; never rejects, but for a bug. */
  async #work(): Promise<void> {
    while (this.#inbox.length > 0 && !this.#dead) {
      await this.#turns.take('commit')
      if (this.#dead) return
      const outcome = this.#engine.run(this.#inbox.splice(0))
      await this.#turns.take('answer')
      if (!this.#dead) this.#outcome(structuredClone(outcome))
    }
    this.#working = false
  }
}
