import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fateOf, Owner, ownerOf } from '../../host/index.ts'

const FILE = 'owner'

/** Says in the folder which process it belongs to, so that a later one can tell whether that still lives. */
export async function writeOwner(folder: string): Promise<void> {
  await writeFile(join(folder, FILE), JSON.stringify(await ownerOf(process.pid)), { mode: 0o600 })
}

/**
 * Whether the folder's owner is known to be gone. One that cannot be judged from here (another machine, another
 * container, no owner named) counts as alive: a folder too many does less harm than one too few.
 */
export async function isAbandoned(folder: string): Promise<boolean> {
  const owner = await readOwner(folder)
  return owner !== undefined && (await fateOf(owner)) === 'gone'
}

async function readOwner(folder: string): Promise<Owner | undefined> {
  try {
    return Owner.safeParse(JSON.parse(await readFile(join(folder, FILE), 'utf8'))).data
  } catch {
    return undefined
  }
}
