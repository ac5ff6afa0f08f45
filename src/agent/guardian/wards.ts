import type { Ward, Word } from './ward.ts'

/** A sleeping machine's timers sleep too: look at the machine's clock at least this often. */
const LOOK_MS = 1_000
/** While something is to end. */
const ENDING_MS = 500

/** Signals all that runs in a workspace; answers whether anything did. */
export type SignalAll = (folder: string, signal: NodeJS.Signals | 0) => boolean

/** What the guardian watches over, and what it does about it. Times are `machineMs`. */
export class Wards {
  readonly #signal: SignalAll
  readonly #wards = new Map<string, Ward>()
  #orphaned = false

  constructor(signal: SignalAll) {
    this.#signal = signal
  }

  /** The agent's newest word on a lease. */
  hear(word: Word): void {
    if ('over' in word) this.#wards.delete(word.over)
    else this.#wards.set(word.lease, word)
  }

  /** The agent is gone, and nobody takes what its steps do: they are asked to end, and have their grace. */
  orphan(now: number): void {
    this.#orphaned = true
    for (const ward of this.#wards.values()) {
      this.#wards.set(ward.lease, { ...ward, lastMs: Math.min(now + ward.graceMs, ward.lastMs) })
      this.#signal(ward.folder, 'SIGTERM')
      // One that was stopped could not even die of it.
      this.#signal(ward.folder, 'SIGCONT')
    }
  }

  /** Kills what is due until nothing is found of it. An agent that is able to has done so before: this one was stopped. */
  look(now: number): void {
    for (const { lease, folder, lastMs } of this.#wards.values()) {
      const due = lastMs <= now
      if (!due && !this.#orphaned) continue
      if (!this.#signal(folder, due ? 'SIGKILL' : 0)) this.#wards.delete(lease)
    }
  }

  /** Milliseconds until the next look; undefined once there is nothing to look at. */
  pauseMs(now: number): number | undefined {
    if (this.#wards.size === 0) return undefined
    if (this.#orphaned) return ENDING_MS
    const last = Math.min(...[...this.#wards.values()].map(({ lastMs }) => lastMs))
    return last <= now ? ENDING_MS : Math.min(LOOK_MS, last - now)
  }
}
