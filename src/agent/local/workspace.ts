import { chmod, mkdir, mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises'
import { isAbsolute, join, resolve, sep } from 'node:path'
import { writeOwner } from './owner.ts'

/** The beginning of the name of every attempt's folder. */
export const PREFIX = 'drumline-'

/** An attempt's own folder, readable by nobody else, with all that its steps make; gone when the attempt is over. */
export class Workspace {
  readonly root: string
  readonly home: string
  readonly tmp: string
  /** Where steps start. */
  readonly workspace: string

  private constructor(root: string) {
    this.root = root
    this.home = join(root, 'home')
    this.tmp = join(root, 'tmp')
    this.workspace = join(root, 'workspace')
  }

  static async create(parent: string): Promise<Workspace> {
    await mkdir(parent, { recursive: true })
    // The real path, so that PWD and what a program finds out by itself are the same.
    const made = new Workspace(await mkdtemp(join(await realpath(parent), PREFIX)))
    try {
      await writeOwner(made.root)
      for (const folder of [made.home, made.tmp, made.workspace]) await mkdir(folder, { mode: 0o700 })
    } catch (error) {
      // A disk that is full, most likely: leave nothing half made.
      await made.remove().catch(() => {})
      throw error
    }
    return made
  }

  /** A new folder for the agent's own files about the n-th step. */
  async stepFolder(index: number): Promise<string> {
    const path = join(this.root, 'steps', String(index))
    await mkdir(path, { recursive: true, mode: 0o700 })
    return path
  }

  /** The folder a step starts in; throws if it is not there or would leave the workspace by `..`. */
  async directory(wanted: string | undefined): Promise<string> {
    if (wanted === undefined) return this.workspace
    const path = resolve(this.workspace, wanted)
    const inside = path === this.workspace || path.startsWith(this.workspace + sep)
    if (!isAbsolute(wanted) && !inside) throw new Error(`directory "${wanted}" leaves the workspace`)
    const there = await stat(path).catch(() => undefined)
    if (!there?.isDirectory()) throw new Error(`directory "${wanted}" does not exist`)
    return path
  }

  remove(): Promise<void> {
    return removeTree(this.root)
  }
}

/** Removes a tree, also one with folders that their owner may not write, as package caches leave them. */
export async function removeTree(path: string): Promise<void> {
  // The retries are for a process that escaped its group and is still writing.
  const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }
  try {
    await rm(path, { recursive: true, force: true })
  } catch {
    await openUp(path)
    await rm(path, options)
  }
}

async function openUp(path: string): Promise<void> {
  await chmod(path, 0o700).catch(() => {})
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (entry.isDirectory()) await openUp(join(path, entry.name))
  }
}
