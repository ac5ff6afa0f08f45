import type { Clock, Log } from '../protocol/index.ts'
import type { Store, SweepAnswer } from './store/store.ts'

interface SweeperOptions {
  store: Pick<Store, 'sweep'>
  clock: Clock
  log: Log
  everyMs: number
  swept: (answer: SweepAnswer) => void
  failed: () => void
}

/** Has the store look after its deadlines, one sweep at a time. Its last outcome says whether the store can write. */
export class Sweeper {
  readonly #options: SweeperOptions
  #cancel: () => void = () => {}
  #running: Promise<void> = Promise.resolve()
  #stopped = false
  #trouble: { why: string; since: number } | undefined

  constructor(options: SweeperOptions) {
    this.#options = options
  }

  /** Why nothing can be acknowledged, or undefined. */
  get trouble(): string | undefined {
    return this.#trouble && `the store cannot be written: ${this.#trouble.why}`
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
      this.#running = this.#sweep()
        .catch((error: unknown) => this.#options.log.error({ error }, 'a bug'))
        .finally(() => this.#later())
    })
  }

  async #sweep(): Promise<void> {
    let answer: SweepAnswer
    try {
      answer = await this.#options.store.sweep()
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error))
      return
    }
    this.#recovered()
    if (answer.wasAway) this.#options.log.warn({}, 'the server was away, or could not write: every lease starts anew')
    this.#options.swept(answer)
  }

  /** Said once, not every second; and by nobody else, however many calls fail of it. */
  #failed(why: string): void {
    const { clock, log, failed } = this.#options
    failed()
    if (this.#trouble === undefined) {
      log.error(
        { why },
        'the store cannot be written; nothing is acknowledged until it can, and agents keep what they have',
      )
    }
    this.#trouble = { why, since: this.#trouble?.since ?? clock.monotonic() }
  }

  #recovered(): void {
    if (this.#trouble === undefined) return
    const { clock, log } = this.#options
    const seconds = Math.round((clock.monotonic() - this.#trouble.since) / 1000)
    this.#trouble = undefined
    log.info({ seconds }, 'the store can be written again')
  }
}
