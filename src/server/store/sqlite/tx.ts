import type { Change } from '../change.ts'
import { Counts } from './counts.ts'
import type { Db } from './db.ts'
import type { Timings } from './timings.ts'

/** What the engine keeps in memory between transactions; read anew after a rollback. */
export class Memory {
  readonly #db: Db
  readonly counts: Counts
  /** The store's one counter: versions, orders and log positions all come from it. */
  counter = 0
  /** What of it is on disk. */
  saved = 0
  paused = false
  /** Secrets were erased, and the write-ahead file may hold them still. */
  erased = false

  constructor(db: Db) {
    this.#db = db
    this.counts = new Counts(db)
    this.reload()
  }

  reload(): void {
    const meta = new Map(
      this.#db.all<{ key: string; value: number }>('SELECT key, value FROM meta').map((row) => [row.key, row.value]),
    )
    // Never back: a number that a rolled back transaction has used is not used again.
    this.counter = Math.max(this.counter, meta.get('counter') ?? 0)
    this.saved = meta.get('counter') ?? 0
    this.paused = meta.get('paused') === 1
    this.counts.forget(this.counter)
  }
}

/** One operation's view of the transaction it runs in. */
export class Tx {
  readonly db: Db
  readonly timings: Timings
  readonly memory: Memory
  /** By the clock of the caller, when it called. */
  readonly now: number
  /** Whether the disk takes writes: if not, what need not be written is left. */
  readonly writable: boolean
  readonly changes: Change[] = []
  /** It was asked before by the same key: nothing is changed. */
  repeated = false

  constructor(db: Db, timings: Timings, memory: Memory, now: number, writable = true) {
    this.db = db
    this.timings = timings
    this.memory = memory
    this.now = now
    this.writable = writable
  }

  /** The next number of the store's counter: unique, rising, and never back after a restart. */
  next(): number {
    return ++this.memory.counter
  }
}
