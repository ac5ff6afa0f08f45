import { link, open, readFile, rename, rm } from 'node:fs/promises'
import { nanoid } from 'nanoid'
import { StartError } from '../start-error.ts'

/** A process, told from another of the same number by when it began (where the system says so). */
interface Owner {
  pid: number
  began: string
}

/**
 * Takes a directory for this process: two servers on one store would undo each other's leases. The file names its
 * owner; one whose owner is dead is taken over. The answer gives it back.
 */
export async function lockDirectory(file: string): Promise<() => Promise<void>> {
  const me: Owner = { pid: process.pid, began: await began(process.pid) }
  const mine = `${file}.${nanoid()}`
  await writeWhole(mine, JSON.stringify(me))
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      if (await linked(mine, file)) return () => rm(file, { force: true })
      await clearStale(file)
    }
  } finally {
    await rm(mine, { force: true })
  }
  throw new StartError('data_in_use', `${file} is being taken by others`)
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

async function clearStale(file: string): Promise<void> {
  const text = await read(file)
  if (text === undefined) return
  const owner = parse(text)
  if (owner !== undefined && (await began(owner.pid)) === owner.began && isAlive(owner.pid)) {
    throw new StartError('data_in_use', `the data directory is in use by process ${owner.pid} (${file})`)
  }
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isCode(error, 'EPERM')
  }
}

/** When a process began, in the system's own ticks; empty where there is no /proc or no such process. */
async function began(pid: number): Promise<string> {
  const text = (await read(`/proc/${pid}/stat`)) ?? ''
  // The name, in parentheses, may hold spaces and parentheses of its own.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function parse(text: string): Owner | undefined {
  try {
    const { pid, began } = JSON.parse(text) as Partial<Owner>
    return Number.isInteger(pid) && typeof began === 'string' ? { pid: pid as number, began } : undefined
  } catch {
    return undefined
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ESRCH')) return undefined
    throw error
  }
}

/** Writes a file of mode 600 that is on disk when this resolves. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o600)
  try {
    await handle.chmod(0o600)
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
