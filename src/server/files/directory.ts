import { mkdir, open, realpath } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { InUseError, type Lock, lockDirectory } from '../../host/index.ts'
import { StartError } from '../start-error.ts'

/** What a server keeps on disk, and its right to it. */
export interface DataDirectory {
  readonly database: string
  readonly adminToken: string
  /** Gives the directory and the database back to whoever starts next. */
  release(): Promise<void>
}

/**
 * Takes a data directory and the database, in the directory unless it is named, for this process alone. Rejects with
 * `StartError`, holding nothing.
 */
export async function takeDirectory(data: string, database?: string): Promise<DataDirectory> {
  const root = resolve(data)
  const locks: Lock[] = []
  const release = async () => {
    for (const lock of locks.splice(0)) await lock.release()
  }
  const take = async (what: string, find: () => Promise<string>) => {
    try {
      const file = await find()
      locks.push(await lockDirectory(`${file}.lock`))
      return file
    } catch (error) {
      await release()
      throw startError(what, error)
    }
  }
  await take(root, async () => {
    await mkdir(root, { recursive: true, mode: 0o700 })
    return join(root, 'server')
  })
  const path = database === undefined ? join(root, 'drumline.db') : resolve(database)
  return { database: await take(path, () => made(path)), adminToken: join(root, 'admin-token'), release }
}

/** The file by its one real name, so that whoever comes by a link finds its lock. What it holds is nobody else's. */
async function made(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const handle = await open(path, 'a', 0o600)
  await handle.close()
  return realpath(path)
}

function startError(what: string, error: unknown): StartError {
  const why = error instanceof Error ? error.message : String(error)
  const code = error instanceof InUseError ? 'data_in_use' : 'data_refused'
  return new StartError(code, `cannot use ${what}: ${why}`, { cause: error })
}
