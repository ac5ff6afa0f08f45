import { constants, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fateOf, isCode, Owner, ownerOf } from '../../host/index.ts'
import { makePipes } from './pipe.ts'

/** Names the process that a folder belongs to. */
const FILE = 'owner'
/** A pipe that this process reads for as long as it lives. */
const HELD = 'held'

/** What says so: the last to be removed, so that a folder that could not be removed whole is found again. */
export const OWNERS: ReadonlySet<string> = new Set([FILE, HELD])

/** Makes a folder this process's, so that a later one can tell whether it still is. The answer gives it up. */
export async function own(folder: string, searchPath: string): Promise<() => Promise<void>> {
  const pipe = join(folder, HELD)
  await makePipes([pipe], searchPath)
  const handle = await open(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
  await writeFile(join(folder, FILE), JSON.stringify(await ownerOf(process.pid)), { mode: 0o600 })
  return () => handle.close()
}

/**
 * Whether the folder's owner is known to be gone. One that cannot be judged from here (another machine, no owner named)
 * counts as alive: a folder too many does less harm than one too few.
 */
export async function isAbandoned(folder: string): Promise<boolean> {
  const owner = await readOwner(folder)
  if (owner === undefined) return false
  const fate = await fateOf(owner)
  if (fate !== 'unknown') return fate === 'gone'
  // A container that was started again does not see the processes of the one before, but whether one reads a pipe is
  // known all over the machine.
  const { boot } = await ownerOf(process.pid)
  return boot !== '' && owner.boot === boot && !(await isRead(join(folder, HELD)))
}

async function isRead(pipe: string): Promise<boolean> {
  try {
    const handle = await open(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
    await handle.close()
    return true
  } catch (error) {
    return !isCode(error, 'ENXIO')
  }
}

async function readOwner(folder: string): Promise<Owner | undefined> {
  try {
    return Owner.safeParse(JSON.parse(await readFile(join(folder, FILE), 'utf8'))).data
  } catch {
    return undefined
  }
}
