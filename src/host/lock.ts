import { link, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { nanoid } from 'nanoid'
import { type Clock, systemClock } from '../protocol/index.ts'
import { isCode, writeWhole } from './files.ts'
import { fateOf, Owner, ownerOf } from './owner.ts'

/** How often the owner touches its lock: whoever cannot see its process sees that. */
const TOUCH_MS = 2_000
/** A lock untouched for so long has no owner any more, if nothing better is known of it. */
const SILENT_MS = 12_000
const ATTEMPTS = 10

/** Somebody else has the directory. */
export class InUseError extends Error {
  override readonly name = 'InUseError'
}

export interface Lock {
  /** Gives the directory back. */
  release(): Promise<void>
}

/**
 * Takes a directory for this process. The file names its owner; one whose owner is gone is taken over. Whether a process
 * in another container or on another machine lives cannot be seen: its lock is watched for a while first. Rejects with
 * `InUseError`.
 */
export async function lockDirectory(file: string, clock: Clock = systemClock): Promise<Lock> {
  const mine = `${file}.${nanoid()}`
  await writeWhole(mine, JSON.stringify(await ownerOf(process.pid)))
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await linked(mine, file)) return held(file)
      await clearStale(file, clock)
    }
  } finally {
    await rm(mine, { force: true })
  }
  throw new InUseError(`${file} is being taken by others`)
}

function held(file: string): Lock {
  // A process that is about to end must not wait for it, nor a test's clock decide whether its process lives.
  const timer = setInterval(() => void touch(file), TOUCH_MS).unref()
  return {
    async release() {
      clearInterval(timer)
      await rm(file, { force: true })
    },
  }
}

async function touch(file: string): Promise<void> {
  const now = new Date()
  // A directory that has gone is somebody else's trouble.
  await utimes(file, now, now).catch(() => {})
}

/** A hard link comes whole or not at all, and never replaces. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

async function clearStale(file: string, clock: Clock): Promise<void> {
  const text = await read(file)
  if (text === undefined) return
  const owner = ownerIn(text)
  const fate = owner === undefined ? 'gone' : await fateOf(owner)
  const lives = fate === 'alive' || (fate === 'unknown' && (await isTouched(file, clock)))
  if (lives) throw new InUseError(`it is in use by ${nameOf(owner, fate)} (${file})`)
  // Renamed before it goes: if somebody else took the lock in between, it is his file that moved, and it goes back.
  const aside = `${file}.${nanoid()}`
  try {
    await rename(file, aside)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return
    throw error
  }
  if ((await read(aside)) !== text) await linked(aside, file)
  await rm(aside, { force: true })
}

function nameOf(owner: Owner | undefined, fate: string): string {
  const where = fate === 'unknown' ? ` of ${owner?.host}, another machine or container` : ''
  return `process ${owner?.pid}${where}`
}

/** Whether anybody touches it while we watch. */
async function isTouched(file: string, clock: Clock): Promise<boolean> {
  const before = await touchedAt(file)
  await new Promise<void>((resolve) => void clock.after(SILENT_MS, resolve))
  return (await touchedAt(file)) !== before
}

async function touchedAt(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 0
    throw error
  }
}

function ownerIn(text: string): Owner | undefined {
  try {
    return Owner.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}
