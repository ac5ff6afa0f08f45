import type { ErrorBody } from '../../../protocol/index.ts'
import type { Db } from './db.ts'
import { bodyOf, isDiskTrouble } from './trouble.ts'

/** A full disk has room again when it takes so many characters: a flood of lines, not just the next short write. */
const ROOM = 1024 * 1024

/** Whether the disk takes writes, as far as was seen, and what is done to the file beside the work. */
export class Disk {
  readonly #db: Db
  #trouble: ErrorBody | undefined

  constructor(db: Db) {
    this.#db = db
  }

  /** Why the disk takes no writes: until it is seen to take them again nothing is tried, and everybody is told alike. */
  get trouble(): ErrorBody | undefined {
    return this.#trouble
  }

  /** A transaction has failed. */
  note(error: unknown): void {
    if (isDiskTrouble(error)) this.#trouble = bodyOf(error)
  }

  /** Writes as much as a busy moment does, and erases it. */
  seekRoom(): void {
    try {
      this.#db.run('INSERT OR REPLACE INTO room (id, bytes) VALUES (1, hex(randomblob(?)))', ROOM / 2)
      this.#db.run('DELETE FROM room')
      this.#trouble = undefined
    } catch (error) {
      this.note(error)
    }
  }

  /**
   * What was erased leaves the write-ahead file too, which is emptied. Answers whether it was: another program may be
   * reading, or the disk be full.
   */
  scrub(): boolean {
    try {
      return this.#db.get<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)')?.busy === 0
    } catch (error) {
      if (isDiskTrouble(error)) return false
      throw error
    }
  }
}
