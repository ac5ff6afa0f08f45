import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { chmod, mkdir, readdir, realpath, rm, stat } from 'node:fs/promises'
import { isAbsolute, join, resolve, sep } from 'node:path'
import { promisify } from 'node:util'
import { isCode } from '../../host/index.ts'
import { mountsIn } from './mounts.ts'
import { OWNERS, own } from './owner.ts'
import { DEFAULT_PATH } from './shell.ts'

/** The beginning of the name of every attempt's folder. */
export const PREFIX = 'drumline-'

/** An attempt's own folder, readable by nobody else, with all that its steps make; gone when the attempt is over. */
export class Workspace {
  readonly root: string
  readonly home: string
  readonly tmp: string
  /** Where steps start. */
  readonly workspace: string

  #giveUp: (() => Promise<void>) | undefined

  private constructor(root: string) {
    this.root = root
    this.home = join(root, 'home')
    this.tmp = join(root, 'tmp')
    this.workspace = join(root, 'workspace')
  }

  /**
   * A new one in `parent`, which is made if need be. `searchPath`: where `mkfifo` is found. `made` is told its root before
   * anything else happens to it: who is killed now leaves a folder that does not say yet whose it is.
   */
  static async create(
    parent: string,
    searchPath: string = DEFAULT_PATH,
    made: (root: string) => void = () => {},
  ): Promise<Workspace> {
    try {
      await mkdir(parent, { recursive: true })
      // The real path, so that PWD and what a program finds out by itself are the same.
      const workspace = new Workspace(mkdtempSync(join(await realpath(parent), PREFIX)))
      made(workspace.root)
      await workspace.#furnish(searchPath)
      return workspace
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`the agent cannot make a workspace in ${parent}: ${why}`, { cause: error })
    }
  }

  async #furnish(searchPath: string): Promise<void> {
    try {
      this.#giveUp = await own(this.root, searchPath)
      for (const folder of [this.home, this.tmp, this.workspace]) await mkdir(folder, { mode: 0o700 })
    } catch (error) {
      // A disk that is full, most likely: leave nothing half made.
      await this.remove().catch(() => {})
      throw error
    }
  }

  /** A new folder for the agent's own files about the n-th step. */
  async stepFolder(index: number): Promise<string> {
    const path = join(this.root, 'steps', String(index))
    await mkdir(path, { recursive: true, mode: 0o700 })
    return path
  }

  /** The folder a step starts in. Throws if it is not there, or is outside without being named from the root. */
  async directory(wanted: string | undefined): Promise<string> {
    if (!(await isFolder(this.workspace))) throw new Error('the workspace is not there: a step has removed it')
    if (wanted === undefined) return this.workspace
    const path = resolve(this.workspace, wanted)
    const free = isAbsolute(wanted)
    if (!free && !isInside(this.workspace, path)) throw new Error(`directory "${wanted}" leaves the workspace`)
    if (!(await isFolder(path))) throw new Error(`directory "${wanted}" does not exist`)
    if (!free && !isInside(await realpath(this.workspace), await realpath(path))) {
      throw new Error(`directory "${wanted}" leaves the workspace by a link`)
    }
    return path
  }

  async remove(): Promise<void> {
    await this.#giveUp?.()
    this.#giveUp = undefined
    await removeWorkspace(this.root)
  }
}

const isInside = (folder: string, path: string) => path === folder || path.startsWith(folder + sep)

async function isFolder(path: string): Promise<boolean> {
  const there = await stat(path).catch(() => undefined)
  return there?.isDirectory() ?? false
}

/** Removes an attempt's folder. After a failure what is left still says whose it was. */
export async function removeWorkspace(root: string): Promise<void> {
  const [mounted] = await mountsIn(root)
  if (mounted !== undefined) throw new Error(`a step has left a mount at ${mounted}, and what is in it is not ours`)
  for (const name of await readdir(root).catch(() => [])) if (!OWNERS.has(name)) await removeTree(join(root, name))
  await removeTree(root)
}

/** Removes a tree, also one with folders that their owner may not write, as package caches leave them. */
async function removeTree(path: string): Promise<void> {
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
