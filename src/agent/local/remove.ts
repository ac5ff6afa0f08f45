import { execFile } from 'node:child_process'
import { chmod, lchown, lstat, readdir, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isCode } from '../../host/index.ts'
import { type Ids, runAs } from '../isolation/run-as.ts'
import { mountsIn } from './mounts.ts'
import { OWNERS } from './owner.ts'

/** Removes an attempt's folder. After a failure what is left still says whose it was. */
export async function removeWorkspace(root: string): Promise<void> {
  const [mounted] = await mountsIn(root)
  if (mounted !== undefined) throw new Error(`a step has left a mount at ${mounted}, and what is in it is not ours`)
  for (const name of await readdir(root).catch(() => [])) if (!OWNERS.has(name)) await removeTree(join(root, name))
  await removeOurs(root)
}

async function removeTree(path: string): Promise<void> {
  const user = await strangerOf(path)
  await (user === undefined ? removeOurs(path) : removeTheirs(path, user))
}

/** Whose a folder is, if root gave it to somebody. */
async function strangerOf(path: string): Promise<Ids | undefined> {
  const there = await lstat(path).catch(() => undefined)
  return there === undefined || there.uid === 0 || process.geteuid?.() !== 0 ? undefined : there
}

/** Also folders that their owner may not write, as package caches leave them. */
async function removeOurs(path: string): Promise<void> {
  // The retries are for a process that escaped its group and is still writing.
  const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }
  try {
    await rm(path, { recursive: true, force: true })
  } catch {
    await openUp(path)
    await rm(path, options).catch(async (error: unknown) => {
      // Too deep for any path; this program goes down folder by folder.
      if (!isCode(error, 'ENAMETOOLONG')) throw error
      await promisify(execFile)('/bin/rm', ['-rf', '--', path])
    })
  }
}

async function openUp(path: string): Promise<void> {
  await chmod(path, 0o700).catch(() => {})
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (entry.isDirectory()) await openUp(join(path, entry.name))
  }
}

/**
 * Empties a folder as the user it was given to, whom no link in it can lead further than that user could go anyway. Only the
 * folder itself, which stands in one of ours, is removed by us. What cannot be removed is ours again.
 */
async function removeTheirs(path: string, user: Ids): Promise<void> {
  for (const script of ['rm -rf -- "$0"', 'chmod -R u+rwX -- "$0"; rm -rf -- "$0"']) {
    await runAs(user, '/bin/sh', ['-c', script, path])
    if (await isRemoved(path)) return
  }
  await lchown(path, 0, 0)
  throw new Error(`a step has left in ${path} what its user cannot remove`)
}

async function isRemoved(path: string): Promise<boolean> {
  try {
    await rmdir(path)
    return true
  } catch (error) {
    if (isCode(error, 'ENOTEMPTY')) return false
    throw error
  }
}
