import { LOGS, type Log } from '../../protocol/index.ts'
import { type FilePart, type MemoryPart, type Part, weightOf } from './part.ts'
import { SpillFile } from './spill.ts'

/** Where a step's parts lie; the spool decides, since all steps share one memory and one file. */
export interface Shelf {
  /** Takes a new part in, in memory or in the file; undefined when both are full. */
  put(part: MemoryPart): Part | undefined
  /** Counts a part that is in memory although nobody asked: half of one that was cut. */
  keep(part: MemoryPart): void
  /** The part's lines; undefined when the file has lost them. */
  load(part: MemoryPart | FilePart): MemoryPart | undefined
  /** Forgets a part. */
  release(part: Part): void
}

/** What may be kept of lines that are not on the server's disk. Of more, the middle is cut out, and named as missing. */
export interface SpoolRoom {
  /** In memory. */
  readonly memoryBytes: number
  /** Then in a file without a name, in the system's folder for temporary files. */
  readonly fileBytes: number
}

/** For one part that comes in. */
const MOST_CUTS = 4

export const ROOM: SpoolRoom = { memoryBytes: LOGS.memoryBytes, fileBytes: LOGS.spoolBytes }

/** One memory and one file for the unsent and unconfirmed lines of all steps. */
export class SharedShelf implements Shelf {
  readonly #memoryBytes: number
  readonly #file: SpillFile
  readonly #makeRoom: () => boolean
  #used = 0

  /** `makeRoom` cuts something out and answers whether it could. */
  constructor(log: Log, room: SpoolRoom, makeRoom: () => boolean) {
    this.#memoryBytes = room.memoryBytes
    this.#file = new SpillFile(log, room.fileBytes)
    this.#makeRoom = makeRoom
  }

  put(part: MemoryPart): Part | undefined {
    let placed = this.#place(part)
    // What is cut out may be smaller than what comes in.
    for (let cuts = 0; placed === undefined && cuts < MOST_CUTS && this.#makeRoom(); cuts++) placed = this.#place(part)
    return placed
  }

  keep(part: MemoryPart): void {
    this.#used += weightOf(part)
  }

  load(part: MemoryPart | FilePart): MemoryPart | undefined {
    return part.at === 'file' ? this.#file.read(part) : part
  }

  release(part: Part): void {
    this.#used -= weightOf(part)
    if (part.at === 'file') this.#file.free(part)
  }

  close(): void {
    this.#file.close()
  }

  #place(part: MemoryPart): Part | undefined {
    if (this.#used + weightOf(part) > this.#memoryBytes) return this.#file.write(part)
    this.#used += weightOf(part)
    return part
  }
}
