import { BusError, type ErrorBody, type Probe } from '../../../protocol/index.ts'
import { crashProbe } from '../../crash/index.ts'
import type { Actor } from '../audit.ts'
import type { Change } from '../change.ts'
import { Db } from './db.ts'
import { noteDone } from './deeds.ts'
import { Disk } from './disk.ts'
import { migrate } from './migrate.ts'
import { OPS, type OpName } from './ops.ts'
import { type Timings, type TimingsOptions, timingsFor } from './timings.ts'
import { bodyOf, isTrouble } from './trouble.ts'
import { Memory, Tx } from './tx.ts'

/** One operation asked of the engine. `now` is the caller's clock when it asked. */
export interface Call {
  id: number
  op: OpName
  args: unknown[]
  now: number
  /** In whose name, for the audit trail. */
  who?: Actor
}

export type Settled = { id: number; value: unknown } | { id: number; error: ErrorBody }

/** What a batch came to: answers and changes, all of them committed. */
interface Outcome {
  settled: Settled[]
  changes: Change[]
}

/** An outcome, and the milliseconds it took. */
export type Timed = Outcome & { ms: number }

export interface EngineOptions extends TimingsOptions {
  file: string
  /** Where this process dies, for tests: a thread cannot be handed a probe. */
  crash?: string
}

/** The database itself, synchronous: runs batches of operations, each batch one transaction. */
export class Engine {
  readonly #db: Db
  readonly #disk: Disk
  readonly #timings: Timings
  readonly #memory: Memory
  readonly #probe: Probe
  /** A transaction was rolled back: the memory may be ahead of the database. */
  #stale = false

  constructor(options: EngineOptions, db = new Db(options.file)) {
    this.#db = db
    this.#disk = new Disk(db)
    this.#timings = timingsFor(options)
    this.#probe = crashProbe(options.crash)
    // Of a new file only: what is freed can be given back to the disk.
    db.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA busy_timeout = 1000; PRAGMA foreign_keys = ON')
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216')
    db.exec('PRAGMA secure_delete = ON')
    migrate(db)
    // Whoever was connected was so to a process that is gone.
    db.run("UPDATE agent SET online = 0, away = (SELECT value FROM meta WHERE key = 'alive') WHERE online = 1")
    this.#memory = new Memory(db)
    // The process before may have died between an erasing and the next sweep.
    this.#memory.erased = !this.#disk.scrub()
    this.#probe('store.opened')
  }

  /** Group commit: one transaction for all, or, once one of them fails unexpectedly, one for each. */
  run(calls: readonly Call[]): Timed {
    const began = performance.now()
    const sweeping = calls.some(({ op }) => op === 'sweep')
    if (sweeping && this.#disk.trouble !== undefined) this.#disk.seekRoom()
    const outcome = this.#disk.trouble === undefined ? this.#together(calls) : this.#each(calls)
    if (sweeping && this.#memory.erased) this.#scrub()
    return { ...outcome, ms: performance.now() - began }
  }

  /** What a full disk does not take stays in the write-ahead file, which the next start reads. */
  close(): void {
    this.#disk.scrub()
    this.#db.close()
  }

  #together(calls: readonly Call[]): Outcome {
    try {
      return this.#transact(calls)
    } catch (error) {
      this.#failed(error)
      // Somebody else's moment: each by itself would wait for it again.
      if (isTrouble(error) && this.#disk.trouble === undefined) {
        return { settled: calls.map(({ id }) => ({ id, error: bodyOf(error) })), changes: [] }
      }
    }
    return this.#each(calls)
  }

  #each(calls: readonly Call[]): Outcome {
    const alone = calls.map((call) => {
      const { trouble } = this.#disk
      return trouble === undefined ? this.#alone(call) : { settled: [this.#read(call, trouble)], changes: [] }
    })
    return { settled: alone.flatMap(({ settled }) => settled), changes: alone.flatMap(({ changes }) => changes) }
  }

  #alone(call: Call): Outcome {
    try {
      return this.#transact([call])
    } catch (error) {
      this.#failed(error)
      return { settled: [{ id: call.id, error: bodyOf(error) }], changes: [] }
    }
  }

  #transact(calls: readonly Call[]): Outcome {
    const outcome: Outcome = { settled: [], changes: [] }
    this.#begin('IMMEDIATE')
    for (const call of calls) {
      const tx = new Tx(this.#db, this.#timings, this.#memory, call.now)
      outcome.settled.push(this.#settle(call, tx))
      for (const change of tx.changes) outcome.changes.push(change)
    }
    if (calls.some(({ op }) => op === 'prune')) this.#probe('store.prune.written')
    this.#noteQueue(outcome.changes)
    this.#saveCounter()
    this.#probe('store.batch.written')
    this.#db.exec('COMMIT')
    this.#probe('store.batch.committed')
    return outcome
  }

  /** While the disk takes no writes: what only reads is answered, what has to write is not. */
  #read(call: Call, trouble: ErrorBody): Settled {
    const before = this.#db.writes
    try {
      this.#begin('DEFERRED')
      const answer = this.#settle(call, new Tx(this.#db, this.#timings, this.#memory, call.now, false))
      // A sweep that finds nothing to do would look as if all were well.
      const wrote = this.#db.writes !== before || call.op === 'sweep'
      return wrote ? { id: call.id, error: trouble } : answer
    } catch (error) {
      const wrote = this.#db.writes !== before
      return { id: call.id, error: wrote ? trouble : bodyOf(error) }
    } finally {
      this.#rollback()
    }
  }

  #begin(mode: 'IMMEDIATE' | 'DEFERRED'): void {
    this.#db.exec(`BEGIN ${mode}`)
    if (!this.#stale) return
    this.#memory.reload()
    this.#stale = false
  }

  /** A refusal that wrote nothing is an answer; anything else ends the transaction. */
  #settle(call: Call, tx: Tx): Settled {
    const before = this.#db.writes
    try {
      const op = OPS[call.op] as (tx: Tx, ...args: unknown[]) => unknown
      const value = op(tx, ...call.args)
      if (call.who !== undefined) noteDone(tx, call.who, call.op, value, call.args)
      return { id: call.id, value }
    } catch (error) {
      if (!(error instanceof BusError) || this.#db.writes !== before) throw error
      return { id: call.id, error: error.toBody() }
    }
  }

  #failed(error: unknown): void {
    this.#rollback()
    this.#disk.note(error)
  }

  #rollback(): void {
    this.#stale = true
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
  }

  #scrub(): void {
    this.#probe('store.secrets.erased')
    this.#memory.erased = !this.#disk.scrub()
    this.#probe('store.secrets.scrubbed')
  }

  #noteQueue(changes: Change[]): void {
    const { counts } = this.#memory
    if (!counts.touched) return
    const version = ++this.#memory.counter
    changes.push({ kind: 'queue', version, scopes: counts.told(version) })
  }

  #saveCounter(): void {
    if (this.#memory.counter === this.#memory.saved) return
    this.#db.run("UPDATE meta SET value = ? WHERE key = 'counter'", this.#memory.counter)
    this.#memory.saved = this.#memory.counter
  }
}
