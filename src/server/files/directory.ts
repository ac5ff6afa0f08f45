import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InUseError, type Lock, lockDirectory } from '../../host/index.ts'
import { StartError } from '../start-error.ts'

/** What a server keeps on disk, and its right to it. */
export interface DataDirectory {
  readonly database: string
  readonly adminToken: string
  /** Gives the directory back to whoever starts next. */
  release(): Promise<void>
}

export async function takeDirectory(path: string): Promise<DataDirectory> {
  const root = resolve(path)
  let lock: Lock
  try {
    await mkdir(root, { recursive: true, mode: 0o700 })
    lock = await lockDirectory(join(root, 'server.lock'))
  } catch (error) {
    if (error instanceof InUseError) {
      throw new StartError('data_in_use', `cannot use ${root}: ${error.message}`, { cause: error })
    }
    const why = error instanceof Error ? error.message : String(error)
    throw new StartError('data_refused', `cannot use ${root}: ${why}`, { cause: error })
  }
  return { database: join(root, 'drumline.db'), adminToken: join(root, 'admin-token'), release: lock.release }
}
