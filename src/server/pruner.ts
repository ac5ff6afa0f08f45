import { BusError, type Clock, type Log } from '../protocol/index.ts'
import type { Store } from './store/store.ts'

/** Between two pieces, so that whoever works has the store to himself most of the time. */
const PAUSE_MS = 50

interface PrunerOptions {
  store: Pick<Store, 'prune'>
  clock: Clock
  log: Log
  everyMs: number
}

/** Has the store remove what has outlived its time, piece by piece. */
export class Pruner {
  readonly #options: PrunerOptions
  #cancel: () => void = () => {}
  #running: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: PrunerOptions) {
    this.#options = options
  }

  start(): void {
    this.#later(this.#options.everyMs)
  }

  /** Resolves once nothing is being removed any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#running
  }

  #later(ms: number): void {
    if (this.#stopped) return
    this.#cancel = this.#options.clock.after(ms, () => {
      this.#running = this.#prune().then((more) => this.#later(more ? PAUSE_MS : this.#options.everyMs))
    })
  }

  async #prune(): Promise<boolean> {
    const { store, log } = this.#options
    try {
      return (await store.prune()).more
    } catch (error) {
      // That the store cannot be written is the sweep's to say.
      if (!(error instanceof BusError && error.code === 'unavailable')) log.error({ error }, 'nothing could be removed')
      return false
    }
  }
}
