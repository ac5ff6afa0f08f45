import type { Batch } from '../store/store.ts'
import type { Instruments, Observe } from './instruments.ts'
import type { Tally } from './tally.ts'

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]
const CALLS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096]

/** How the store keeps up. */
export class StoreMetrics {
  readonly #seconds: Observe
  readonly #calls: Observe
  readonly #sweeps: Tally<'done' | 'failed'>

  constructor(make: Instruments) {
    this.#seconds = make.histogram(
      'drumline_store_commit_seconds',
      'Time of one transaction of the store, its sync to disk included. Nothing is acknowledged before it.',
      SECONDS,
    )
    this.#calls = make.histogram(
      'drumline_store_batch_calls',
      'Calls of the store that shared one transaction: the more wait, the more share.',
      CALLS,
    )
    this.#sweeps = make.counters(
      'drumline_sweeps_total',
      'Looks after the deadlines of leases and offers, about one a second. Failed: the store cannot be written.',
      'result',
      ['done', 'failed'],
    )
  }

  committed({ calls, ms }: Batch): void {
    this.#seconds(ms / 1000)
    this.#calls(calls)
  }

  swept(result: 'done' | 'failed'): void {
    this.#sweeps.add(result)
  }
}
