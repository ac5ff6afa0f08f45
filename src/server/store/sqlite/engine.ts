import { BusError, type ErrorBody } from '../../../protocol/index.ts'
import type { Change } from '../store.ts'
import { Db } from './db.ts'
import { migrate } from './migrate.ts'
import { OPS, type OpName } from './ops.ts'
import { type Timings, timingsFor } from './timings.ts'
import { Memory, Tx } from './tx.ts'

/** One operation asked of the engine. `now` is the caller's clock when it asked. */
export interface Call {
  id: number
  op: OpName
  args: unknown[]
  now: number
}

export type Settled = { id: number; value: unknown } | { id: number; error: ErrorBody }

/** What a batch came to: answers and changes, all of them committed. */
export interface Outcome {
  settled: Settled[]
  changes: Change[]
}

export interface EngineOptions {
  file: string
  leaseMs: number
  testTimings: boolean
}

/** The database itself, synchronous: runs batches of operations, each batch one transaction. */
export class Engine {
  readonly #db: Db
  readonly #timings: Timings
  readonly #memory: Memory

  constructor(options: EngineOptions) {
    this.#db = new Db(options.file)
    this.#timings = timingsFor(options)
    this.#db.exec('PRAGMA busy_timeout = 1000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
    // Erased secrets leave the file too.
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON')
    migrate(this.#db)
    // Whoever was connected was so to a process that is gone.
    this.#db.run('UPDATE agent SET online = 0 WHERE online = 1')
    this.#memory = new Memory(this.#db)
  }

  /** Group commit: one transaction for all, or, once one of them fails unexpectedly, one for each. */
  run(calls: readonly Call[]): Outcome {
    try {
      return this.#transact(calls)
    } catch (error) {
      this.#rollback()
      if (isTrouble(error)) return { settled: calls.map(({ id }) => ({ id, error: troubleBody(error) })), changes: [] }
    }
    const alone = calls.map((call) => this.#alone(call))
    return { settled: alone.flatMap(({ settled }) => settled), changes: alone.flatMap(({ changes }) => changes) }
  }

  close(): void {
    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    this.#db.close()
  }

  #transact(calls: readonly Call[]): Outcome {
    const outcome: Outcome = { settled: [], changes: [] }
    this.#db.exec('BEGIN IMMEDIATE')
    for (const call of calls) {
      const tx = new Tx(this.#db, this.#timings, this.#memory, call.now)
      outcome.settled.push(this.#settle(call, tx))
      for (const change of tx.changes) outcome.changes.push(change)
    }
    this.#noteQueue(outcome.changes)
    this.#saveCounter()
    this.#db.exec('COMMIT')
    return outcome
  }

  /** A refusal that wrote nothing is an answer; anything else ends the transaction. */
  #settle(call: Call, tx: Tx): Settled {
    const before = this.#db.writes
    try {
      const op = OPS[call.op] as (tx: Tx, ...args: unknown[]) => unknown
      return { id: call.id, value: op(tx, ...call.args) }
    } catch (error) {
      if (!(error instanceof BusError) || this.#db.writes !== before) throw error
      return { id: call.id, error: error.toBody() }
    }
  }

  #alone(call: Call): Outcome {
    try {
      return this.#transact([call])
    } catch (error) {
      this.#rollback()
      return { settled: [{ id: call.id, error: bodyOf(error) }], changes: [] }
    }
  }

  #rollback(): void {
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
    this.#memory.reload()
  }

  #noteQueue(changes: Change[]): void {
    if (!this.#memory.counts.takeTouched()) return
    this.#memory.queueVersion = ++this.#memory.counter
    changes.push({ kind: 'queue', version: this.#memory.queueVersion })
  }

  #saveCounter(): void {
    if (this.#memory.counter === this.#memory.saved) return
    this.#db.run("UPDATE meta SET value = ? WHERE key = 'counter'", this.#memory.counter)
    this.#memory.saved = this.#memory.counter
  }
}

/** The disk or the file, not the operation: trying one by one would not help. */
const TROUBLE = /^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|READONLY|CANTOPEN|NOMEM|BUSY|LOCKED)/

function isTrouble(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && TROUBLE.test(error.code)
}

function troubleBody(error: Error & { code: string }): ErrorBody {
  return new BusError('unavailable', `the store cannot be written: ${error.message} (${error.code})`).toBody()
}

/** Any error as it crosses the thread. */
export function bodyOf(error: unknown): ErrorBody {
  if (error instanceof BusError) return error.toBody()
  if (isTrouble(error)) return troubleBody(error)
  const message = error instanceof Error ? error.message : String(error)
  return new BusError('internal', `the store failed: ${message}`, { outcome: 'none' }).toBody()
}
