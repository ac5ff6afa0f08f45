import { ftruncateSync, renameSync, writeSync } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncDirectory } from '../../host/index.ts'
import type { Log } from '../../protocol/index.ts'
import type { Entry } from './entries.ts'
import { framed } from './frames.ts'
import { GroupSync } from './group-sync.ts'

/** The file is written anew when it is at least this large, and this many times what it had to say then. */
const LARGE_BYTES = 256 * 1024
const LARGE_TIMES = 4

/** All that is still to be known. */
type Living = () => Iterable<Entry>

/**
 * Entries in the order they were made. `append` has handed one to the system when it returns, so that it outlives this
 * process; `sync` makes all so far outlive the machine.
 */
export class JournalFile {
  readonly #path: string
  readonly #log: Log
  readonly #living: Living
  readonly #sync = new GroupSync(() => this.#flush())
  #file: FileHandle
  #end: number
  /** Its size when it was last written anew. */
  #base: number
  /** What is appended while it is written anew. */
  #meanwhile: Buffer[] | undefined

  private constructor(path: string, file: FileHandle, size: number, log: Log, living: Living) {
    this.#path = path
    this.#file = file
    this.#end = size
    this.#base = size
    this.#log = log
    this.#living = living
  }

  /** Puts a new file, on disk, in the place of what is there. */
  static async create(path: string, log: Log, living: Living): Promise<JournalFile> {
    const bytes = allOf(living())
    const file = await written(`${path}.new`, bytes)
    await rename(`${path}.new`, path)
    await syncDirectory(dirname(path))
    return new JournalFile(path, file, bytes.length, log, living)
  }

  /** Throws if the system does not take it; then it is not in the file. */
  append(entry: Entry): void {
    const frame = framed(JSON.stringify(entry))
    try {
      writeAll(this.#file, frame, this.#end)
    } catch (error) {
      // Half an entry would hide all that come after it.
      ftruncateSync(this.#file.fd, this.#end)
      throw error
    }
    this.#end += frame.length
    this.#meanwhile?.push(frame)
  }

  sync(): Promise<void> {
    return this.#sync.sync()
  }

  async close(): Promise<void> {
    await this.sync().catch((error: unknown) => {
      this.#log.error({ file: this.#path, error: String(error) }, 'the end of the journal may not be on disk')
    })
    await this.#file.close()
  }

  async #flush(): Promise<void> {
    if (this.#end < Math.max(LARGE_BYTES, this.#base * LARGE_TIMES)) return this.#file.datasync()
    try {
      await this.#compact()
    } catch (error) {
      this.#base = this.#end
      this.#log.warn({ file: this.#path, error: String(error) }, 'the journal could not be written anew; it goes on')
      await this.#file.datasync()
    }
  }

  /** The old file stands until the new one says everything, also what comes meanwhile. */
  async #compact(): Promise<void> {
    const name = `${this.#path}.new`
    const bytes = allOf(this.#living())
    this.#meanwhile = []
    let file: FileHandle | undefined
    try {
      file = await written(name, bytes)
      // From here to the switch nothing may come between.
      const late = Buffer.concat(this.#meanwhile)
      writeAll(file, late, bytes.length)
      renameSync(name, this.#path)
      const old = this.#file
      this.#file = file
      this.#end = this.#base = bytes.length + late.length
      this.#meanwhile = undefined
      await file.datasync()
      await syncDirectory(dirname(this.#path))
      await old.close()
    } catch (error) {
      this.#meanwhile = undefined
      if (file !== this.#file) await file?.close()
      await rm(name, { force: true })
      throw error
    }
  }
}

function allOf(entries: Iterable<Entry>): Buffer {
  return Buffer.concat([...entries].map((entry) => framed(JSON.stringify(entry))))
}

/** A new file with these bytes, on disk. */
async function written(name: string, bytes: Buffer): Promise<FileHandle> {
  const file = await open(name, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.datasync()
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

function writeAll({ fd }: FileHandle, bytes: Buffer, at: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, at + done)
  }
}
