import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fateOf, holdPipe, Owner, ownerOf } from '../../host/index.ts'

/** Names the process that a folder belongs to. */
const FILE = 'owner'
/** A pipe that this process reads for as long as it lives. */
const HELD = 'held'

/** What says so: the last to be removed, so that a folder that could not be removed whole is found again. */
export const OWNERS: ReadonlySet<string> = new Set([FILE, HELD])

/** Makes a folder this process's, so that a later one can tell whether it still is. The answer gives it up. */
export async function own(folder: string, searchPath: string): Promise<() => Promise<void>> {
  const letGo = await holdPipe(join(folder, HELD), searchPath)
  await writeFile(join(folder, FILE), JSON.stringify(await ownerOf(process.pid)), { mode: 0o600 })
  return letGo
}

/**
 * Whether the folder's owner is known to be gone. One that cannot be judged from here (another machine, no owner named)
 * counts as alive: a folder too many does less harm than one too few.
 */
export async function isAbandoned(folder: string): Promise<boolean> {
  const owner = await readOwner(folder)
  return owner !== undefined && (await fateOf(owner, join(folder, HELD))) === 'gone'
}

/** Whether the folder says whose it is: one that does not is unfinished, or was being removed. */
export async function isOwned(folder: string): Promise<boolean> {
  return (await readOwner(folder)) !== undefined
}

async function readOwner(folder: string): Promise<Owner | undefined> {
  try {
    return Owner.safeParse(JSON.parse(await readFile(join(folder, FILE), 'utf8'))).data
  } catch {
    return undefined
  }
}
