import type { Clock, Log } from '../protocol/index.ts'
import type { Store, SweepAnswer } from './store/store.ts'

interface SweeperOptions {
  store: Pick<Store, 'sweep'>
  clock: Clock
  log: Log
  everyMs: number
  swept: (answer: SweepAnswer) => void
}

/** Has the store look after its deadlines, one sweep at a time. Its last outcome says whether the store can write. */
export class Sweeper {
  readonly #options: SweeperOptions
  #cancel: () => void = () => {}
  #running: Promise<void> = Promise.resolve()
  #stopped = false
  #trouble: string | undefined

  constructor(options: SweeperOptions) {
    this.#options = options
  }

  /** Why the store could not be written last time, or undefined. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** The first sweep, before anybody is let in: it finds out whether the server was away. */
  async start(): Promise<void> {
    await this.#sweep()
    this.#later()
  }

  /** Resolves once no sweep runs any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#running
  }

  #later(): void {
    if (this.#stopped) return
    this.#cancel = this.#options.clock.after(this.#options.everyMs, () => {
      this.#running = this.#sweep().finally(() => this.#later())
    })
  }

  async #sweep(): Promise<void> {
    try {
      const answer = await this.#options.store.sweep()
      if (this.#trouble !== undefined) this.#options.log.info({}, 'the store can be written again')
      this.#trouble = undefined
      if (answer.wasAway) this.#options.log.warn({}, 'the server was away: every lease starts anew')
      this.#options.swept(answer)
    } catch (error) {
      // Said once, not every second.
      if (this.#trouble === undefined) this.#options.log.error({ error }, 'the store cannot be written')
      this.#trouble = error instanceof Error ? error.message : 'the store cannot be written'
    }
  }
}
