import { readFile, readlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { readStat } from './process-table.ts'

/** Which process a folder belongs to, so that a later one can tell whether it still lives. */
interface Owner {
  readonly host: string
  /** Of the machine's start, and of the world in which the process id counts (a container has its own). */
  readonly boot: string
  readonly world: string
  readonly pid: number
  /** With the id, names one process for good; empty where the system does not tell. */
  readonly started: string
}

const FILE = 'owner'

export async function writeOwner(folder: string): Promise<void> {
  await writeFile(join(folder, FILE), JSON.stringify(await ownerHere(process.pid)), { mode: 0o600 })
}

/**
 * Whether the folder's owner is known to be gone. One that cannot be judged from here (another machine, another
 * container, no owner named) counts as alive: a folder too many does less harm than one too few.
 */
export async function isAbandoned(folder: string): Promise<boolean> {
  const owner = await readOwner(folder)
  if (owner === undefined) return false
  const here = await ownerHere(owner.pid)
  if (owner.host !== here.host) return false
  if (owner.boot !== here.boot) return true
  if (owner.world !== here.world) return false
  return owner.started === '' ? !exists(owner.pid) : owner.started !== here.started
}

async function ownerHere(pid: number): Promise<Owner> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  const world = await readlink('/proc/self/ns/pid').catch(() => '')
  const started = (await readStat(String(pid)))?.started ?? ''
  return { host: hostname(), boot: boot.trim(), world, pid, started }
}

async function readOwner(folder: string): Promise<Owner | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, FILE), 'utf8'))
    return isOwner(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isOwner(value: unknown): value is Owner {
  if (typeof value !== 'object' || value === null) return false
  const { pid, ...texts } = value as Record<string, unknown>
  return Number.isInteger(pid) && ['host', 'boot', 'world', 'started'].every((key) => typeof texts[key] === 'string')
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
