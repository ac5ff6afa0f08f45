import { ftruncateSync, readSync, writeSync } from 'node:fs'
import { constants, type FileHandle, open as openFile } from 'node:fs/promises'
import { z } from 'zod'
import { Id, LOGS, type Log, LogRun } from '../../protocol/index.ts'
import { type MemoryPart, memoryPart } from '../logs/part.ts'
import { framed, frames } from './frames.ts'
import { GroupSync } from './group-sync.ts'

/** Holds any part: 16 KiB of text, 500 runs, and whose they are. */
const SLOT = 32 * 1024
const SLOTS = Math.floor((LOGS.spoolBytes + LOGS.memoryBytes) / SLOT)

const Head = z.object({ lease: Id, stepId: Id, from: z.int().min(1), runs: z.array(LogRun) })

/** Where some lines of a step lie. */
export interface Place {
  readonly slot: number
  readonly from: number
  readonly to: number
}

/** Lines, and whose they are. */
export interface Copy {
  readonly lease: string
  readonly stepId: string
  readonly part: MemoryPart
}

/**
 * Copies of lines that are not on the server's disk yet, in slots that are used again. A slot says itself what it holds,
 * and a line of an attempt never changes: so one that was given back is harmless, and one that was half written when the
 * process died fails its checksum and is none.
 */
export class LineFile {
  readonly #file: FileHandle
  readonly #log: Log
  readonly #sync: GroupSync
  #free: number[] = []
  #made: number
  #written = false
  #failed = false

  private constructor(file: FileHandle, made: number, log: Log) {
    this.#file = file
    this.#made = made
    this.#log = log
    this.#sync = new GroupSync(() => file.datasync())
  }

  static async open(path: string, log: Log): Promise<LineFile> {
    const file = await openFile(path, constants.O_RDWR | constants.O_CREAT, 0o600)
    return new LineFile(file, Math.ceil((await file.stat()).size / SLOT), log)
  }

  /** Looks through the file once: keeps what `wanted` takes, and frees everything else. */
  scan(wanted: (copy: Copy, place: Place) => boolean): void {
    const slots = Array.from({ length: this.#made }, (_, slot) => slot)
    const idle = slots.filter((slot) => {
      const copy = this.#read(slot)
      return copy === undefined || !wanted(copy, placeOf(copy.part, slot))
    })
    for (const slot of idle) this.free(slot)
  }

  /** Hands lines to the system. Undefined where there is no room, which is said once. */
  write({ lease, stepId, part }: Copy): Place | undefined {
    const { from, runs, text } = part
    const frame = framed(`${JSON.stringify({ lease, stepId, from, runs })}\n${text}`)
    const slot = frame.length > SLOT ? undefined : this.#slot()
    if (slot === undefined) return this.#complain('it is full')
    try {
      const written = writeSync(this.#file.fd, frame, 0, frame.length, slot * SLOT)
      if (written < frame.length) throw new Error('no space left on the disk')
    } catch (error) {
      this.#free.push(slot)
      return this.#complain(String(error))
    }
    this.#written = true
    return placeOf(part, slot)
  }

  /** The lines at a place; undefined where the disk no longer gives them. */
  read({ slot }: Place): MemoryPart | undefined {
    return this.#read(slot)?.part
  }

  free(slot: number): void {
    this.#free.push(slot)
    if (this.#free.length < this.#made) return
    this.#free = []
    this.#made = 0
    ftruncateSync(this.#file.fd, 0)
  }

  /** All that was written so far is on disk when it resolves. */
  async sync(): Promise<void> {
    if (!this.#written) return
    await this.#sync.sync()
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  #slot(): number | undefined {
    const free = this.#free.pop()
    if (free !== undefined) return free
    return this.#made < SLOTS ? this.#made++ : undefined
  }

  #read(slot: number): Copy | undefined {
    const bytes = Buffer.alloc(SLOT)
    try {
      const length = readSync(this.#file.fd, bytes, 0, SLOT, slot * SLOT)
      const [frame] = frames(bytes.subarray(0, length))
      return frame === undefined ? undefined : copyOf(frame.payload)
    } catch (error) {
      this.#complain(String(error))
      return undefined
    }
  }

  // Once: a full disk would say so every second.
  #complain(why: string): undefined {
    if (!this.#failed) {
      this.#log.error(
        { why },
        'log lines cannot be kept on disk: they are lost if this agent is killed before they are sent',
      )
    }
    this.#failed = true
    return undefined
  }
}

function placeOf({ from, count }: MemoryPart, slot: number): Place {
  return { slot, from, to: from + count - 1 }
}

function copyOf(payload: string): Copy | undefined {
  const end = payload.indexOf('\n')
  const head = Head.safeParse(JSON.parse(payload.slice(0, end)))
  if (!head.success) return undefined
  const { lease, stepId, from, runs } = head.data
  return { lease, stepId, part: memoryPart(from, payload.slice(end + 1), runs) }
}
