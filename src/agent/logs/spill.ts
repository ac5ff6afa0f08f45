import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nanoid } from 'nanoid'
import { LOGS, type Log, type LogRun } from '../../protocol/index.ts'
import type { FilePart, MemoryPart } from './part.ts'

/** Holds any part: 16 KiB of text and 500 runs. */
const SLOT = 32 * 1024

/**
 * A file of slots for parts that memory has no room for. It has no name while it is in use, so nothing is left of it
 * whatever ends the process. Writes go to the page cache: 20 µs a slot, 70 µs at p99, also while others fill the disk, so
 * that doing them elsewhere would cost the loop more than it saves. A failed one counts as a full file.
 */
export class SpillFile {
  readonly #log: Log
  readonly #slots: number
  #file: number | undefined
  #made = 0
  #free: number[] = []
  #failed = false

  constructor(log: Log, bytes: number = LOGS.spoolBytes) {
    this.#log = log
    this.#slots = Math.floor(bytes / SLOT)
  }

  /** Writes a part; undefined when there is no room. */
  write(part: MemoryPart): FilePart | undefined {
    const data = Buffer.from(part.text + JSON.stringify(part.runs))
    const slot = data.length > SLOT ? undefined : this.#slot()
    if (slot === undefined) return undefined
    try {
      writeSync(this.#open(), data, 0, data.length, slot * SLOT)
    } catch (error) {
      this.#free.push(slot)
      this.#complain(error)
      return undefined
    }
    const { from, count, bytes } = part
    return { at: 'file', from, count, bytes, slot, length: data.length }
  }

  /** Reads a part back; undefined when the file no longer gives it. */
  read(part: FilePart): MemoryPart | undefined {
    const data = Buffer.alloc(part.length)
    try {
      const got = readSync(this.#open(), data, 0, part.length, part.slot * SLOT)
      if (got !== part.length) throw new Error(`read ${got} of ${part.length} bytes`)
    } catch (error) {
      this.#complain(error)
      return undefined
    }
    const { from, count, bytes } = part
    const text = data.toString('utf8', 0, bytes)
    return { at: 'memory', from, count, bytes, text, runs: JSON.parse(data.toString('utf8', bytes)) as LogRun[] }
  }

  free(part: FilePart): void {
    this.#free.push(part.slot)
    if (this.#free.length === this.#made) this.close()
  }

  /** Gives the file back to the system. A later write makes a new one. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    this.#made = 0
    this.#free = []
  }

  #slot(): number | undefined {
    const free = this.#free.pop()
    if (free !== undefined) return free
    return this.#made < this.#slots ? this.#made++ : undefined
  }

  #open(): number {
    if (this.#file === undefined) {
      const path = join(tmpdir(), `drumline-log-${nanoid()}`)
      this.#file = openSync(path, 'wx+', 0o600)
      unlinkSync(path)
    }
    return this.#file
  }

  // Once: a full disk would say so for every 16 KiB.
  #complain(error: unknown): void {
    if (!this.#failed) this.#log.error({ error: String(error) }, 'the spool file for logs cannot be used')
    this.#failed = true
  }
}
