import type { Scheduler } from 'fast-check'
import { settle } from '../support/fake-clock.ts'

/** More than any life takes: whoever needs so many goes round in circles. */
const MOST = 100_000

/** Who comes next: messages on their way and the disk's work wait here, each for its turn. */
export class Turns {
  readonly #scheduler: Scheduler

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** Resolves when it is this one's turn. */
  async take(label: string): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), label)
  }

  /** Lets so many have their turn, if there are any. */
  async give(count: number): Promise<void> {
    await settle()
    for (let turn = 0; turn < count && this.#scheduler.count() > 0; turn++) {
      await this.#scheduler.waitOne()
      await settle()
    }
  }

  /** Until nobody waits any more. */
  async giveAll(): Promise<void> {
    await this.give(MOST)
    if (this.#scheduler.count() > 0) throw new Error('it never comes to an end')
  }
}
