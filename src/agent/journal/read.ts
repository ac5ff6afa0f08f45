import { readFile } from 'node:fs/promises'
import { isCode } from '../../host/index.ts'
import { Entry, VERSION } from './entries.ts'
import { frames, isFollowed } from './frames.ts'

/** What a journal's file says, up to the first byte that is not what was written. */
export interface Reading {
  readonly entries: Entry[]
  /** `torn`: ends with the write under which the process or the machine died. `damaged`: was changed since. */
  readonly end: 'whole' | 'torn' | 'damaged'
  /** Bytes behind the last whole entry. */
  readonly cut: number
}

/** Rejects where a later release wrote the file, or it cannot be read. One that is not there says nothing. */
export async function readJournal(path: string): Promise<Reading> {
  try {
    return read(await readFile(path))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return { entries: [], end: 'whole', cut: 0 }
    throw error
  }
}

export function read(file: Buffer): Reading {
  const entries: Entry[] = []
  let end = 0
  for (const frame of frames(file)) {
    const value = JSON.parse(frame.payload) as unknown
    refuseNewer(value)
    const entry = Entry.safeParse(value)
    if (!entry.success) return { entries, end: 'damaged', cut: file.length - end }
    entries.push(entry.data)
    end = frame.end
  }
  const cut = file.length - end
  return { entries, cut, end: cut === 0 ? 'whole' : isFollowed(file, end) ? 'damaged' : 'torn' }
}

function refuseNewer(value: unknown): void {
  const { type, version } = value as { type?: unknown; version?: unknown }
  if (type !== 'journal' || typeof version !== 'number' || version <= VERSION) return
  throw new Error(`it was written by a later release (version ${version}, this one knows ${VERSION})`)
}
