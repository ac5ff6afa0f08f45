import { chmod, lstat, mkdir, realpath, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { IsolationError } from './isolation-error.ts'
import { runAs } from './run-as.ts'
import type { StepUser } from './step-user.ts'

const NAME = 'drumline'
/** Passed through by everybody, listed by nobody. */
const MODE = 0o711
const OTHERS_WRITE = 0o022
const STICKY = 0o1000

/** A folder for workspaces that are other users': which there are, nobody sees. Throws if anybody but root rules there. */
export async function makePassage(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true })
  const folder = join(await realpath(parent), NAME)
  await mkdir(folder, { recursive: true, mode: MODE })
  const [above, there] = await Promise.all([stat(parent), lstat(folder)])
  const shared = (above.mode & OTHERS_WRITE) !== 0 && (above.mode & STICKY) === 0
  if (shared || !there.isDirectory() || there.uid !== 0 || (there.mode & OTHERS_WRITE) !== 0) {
    throw new IsolationError(`${folder} is not root's alone: set TMPDIR to another folder, or take this one away`)
  }
  await chmod(folder, MODE)
  return folder
}

/** Unless other agents have something there. */
export async function removePassage(parent: string): Promise<void> {
  await rmdir(join(parent, NAME)).catch(() => {})
}

/** Throws if the user cannot get there. */
export async function walkPassage(folder: string, user: StepUser): Promise<void> {
  const said = await runAs(user, '/bin/sh', ['-c', 'cd -- "$0"', folder]).catch((error: Error) => {
    throw new IsolationError(`nothing can be run as ${user.name} (${user.uid}) here: ${error.message}`)
  })
  if (said.code !== 0) {
    throw new IsolationError(`${user.name} cannot enter ${folder}: set TMPDIR to a folder that all may pass through`)
  }
}
