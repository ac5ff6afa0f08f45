import { lstat, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../../protocol/index.ts'
import { isAbandoned, isOwned } from './owner.ts'
import { endProcessesOf } from './processes.ts'
import { removeWorkspace } from './remove.ts'
import { PREFIX } from './workspace.ts'

/**
 * Ends and removes what agents left under `parent` that were killed: their steps' processes, which would go on with work
 * that another attempt is doing by now, and their folders.
 */
export async function clearAbandoned(parent: string, log: Log): Promise<void> {
  const root = await realpath(parent).catch(() => parent)
  const names = await readdir(root).catch(() => [])
  for (const name of names.filter((name) => name.startsWith(PREFIX))) {
    const folder = join(root, name)
    try {
      if (!(await isOurs(folder)) || !(await isAbandoned(folder))) continue
      await endProcessesOf(folder)
      await removeWorkspace(folder)
      log.info({ folder }, 'removed what a killed agent left')
    } catch (error) {
      log.warn({ folder, error }, 'could not remove what a killed agent left')
    }
  }
}

/** A folder of an agent that is known to be dead, also one in which nobody has worked yet. */
export async function clearUnowned(folder: string, log: Log): Promise<void> {
  try {
    if (!(await isOurs(folder)) || (await isOwned(folder))) return
    await removeWorkspace(folder)
    log.info({ folder }, 'removed what a killed agent left')
  } catch (error) {
    log.warn({ folder, error }, 'could not remove what a killed agent left')
  }
}

/** Anyone may make a folder of any name in the system's folder for temporary files. */
async function isOurs(folder: string): Promise<boolean> {
  // Another agent that has just started may have removed it.
  const there = await lstat(folder).catch(() => undefined)
  return there?.isDirectory() === true && there.uid === process.getuid?.()
}
