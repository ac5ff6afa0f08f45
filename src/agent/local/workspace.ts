import { mkdtempSync } from 'node:fs'
import { chmod, lchown, mkdir, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { type Cell, OPEN } from '../isolation/cell.ts'
import { isWithin } from '../isolation/is-within.ts'
import { type Ids, runAs } from '../isolation/run-as.ts'
import { own } from './owner.ts'
import { removeWorkspace } from './remove.ts'
import { DEFAULT_PATH } from './shell.ts'

/** The beginning of the name of every attempt's folder. */
export const PREFIX = 'drumline-'

/** Passed through by a group that it is given to, and listed by nobody. */
const PASSAGE = 0o710

export interface WorkspaceOptions {
  /** Where `mkfifo` is found. */
  readonly searchPath?: string | undefined
  /** Where its steps run. Default: as we do, in the open. */
  readonly cell?: Cell
  /**
   * Told its root before anything else happens to it: who is killed now leaves a folder that does not say yet whose it is.
   */
  readonly made?: (root: string) => void
}

/** An attempt's own folder, readable by nobody else, with all that its steps make; gone when the attempt is over. */
export class Workspace {
  readonly root: string
  readonly home: string
  readonly tmp: string
  /** Where steps start. */
  readonly workspace: string

  /** What is /tmp in a sandbox, for programs that do not ask for TMPDIR. */
  readonly commonTmp: string
  readonly #cell: Cell
  #giveUp: (() => Promise<void>) | undefined

  private constructor(root: string, cell: Cell) {
    this.root = root
    this.home = join(root, 'home')
    this.tmp = join(root, 'tmp')
    this.workspace = join(root, 'workspace')
    this.commonTmp = join(root, 'common-tmp')
    this.#cell = cell
  }

  /** A new one in `parent`, which is made if need be. */
  static async create(parent: string, options: WorkspaceOptions = {}): Promise<Workspace> {
    try {
      await mkdir(parent, { recursive: true })
      // The real path, so that PWD and what a program finds out by itself are the same.
      const workspace = new Workspace(mkdtempSync(join(await realpath(parent), PREFIX)), options.cell ?? OPEN)
      options.made?.(workspace.root)
      await workspace.#furnish(options.searchPath ?? DEFAULT_PATH)
      return workspace
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`the agent cannot make a workspace in ${parent}: ${why}`, { cause: error })
    }
  }

  async #furnish(searchPath: string): Promise<void> {
    try {
      this.#giveUp = await own(this.root, searchPath)
      const folders = [this.home, this.tmp, this.workspace, ...(this.#cell.sandbox ? [this.commonTmp] : [])]
      for (const folder of folders) await mkdir(folder, { mode: 0o700 })
      await this.#open(this.root)
      await this.handOver(...folders)
    } catch (error) {
      // A disk that is full, most likely: leave nothing half made.
      await this.remove().catch(() => {})
      throw error
    }
  }

  /** Gives the steps' user what was just made in a folder of ours: nobody else can have put something in its place. */
  async handOver(...paths: readonly string[]): Promise<void> {
    const { user } = this.#cell
    if (user === undefined) return
    for (const path of paths) await lchown(path, user.uid, user.gid)
  }

  /** Lets the steps' user, whose group is nobody else's, pass through a folder that stays ours. */
  async #open(folder: string): Promise<void> {
    const { user } = this.#cell
    if (user === undefined) return
    await lchown(folder, 0, user.gid)
    await chmod(folder, PASSAGE)
  }

  /** A new folder for the agent's own files about the n-th step. */
  async stepFolder(index: number): Promise<string> {
    const steps = join(this.root, 'steps')
    const path = join(steps, String(index))
    await mkdir(path, { recursive: true, mode: 0o700 })
    for (const folder of [steps, path]) await this.#open(folder)
    return path
  }

  /** The folder a step starts in. Throws if it is not there, or is outside without being named from the root. */
  async directory(wanted: string | undefined): Promise<string> {
    // A user that it was given to cannot remove it.
    if (wanted === undefined && this.#cell.user !== undefined) return this.workspace
    const home = await realFolder(this.workspace, this.#cell.user)
    if (home === undefined) throw new Error('the workspace is not there: a step has removed it')
    if (wanted === undefined) return this.workspace
    const path = resolve(this.workspace, wanted)
    const free = isAbsolute(wanted)
    if (!free && !isWithin(this.workspace, path)) throw new Error(`directory "${wanted}" leaves the workspace`)
    const real = await realFolder(path, this.#cell.user)
    if (real === undefined) throw new Error(`directory "${wanted}" does not exist`)
    if (!free && !isWithin(home, real)) throw new Error(`directory "${wanted}" leaves the workspace by a link`)
    return path
  }

  async remove(): Promise<void> {
    await this.#giveUp?.()
    this.#giveUp = undefined
    await removeWorkspace(this.root)
  }
}

/** The real path of a folder, as far as the steps' user can see it: ours would tell what is not for steps. */
async function realFolder(path: string, user: Ids | undefined): Promise<string | undefined> {
  if (user !== undefined) {
    const { code, out } = await runAs(user, '/bin/sh', ['-c', 'cd -- "$0" && pwd -P', path])
    return code === 0 ? out.replace(/\n$/, '') : undefined
  }
  const there = await stat(path).catch(() => undefined)
  return there?.isDirectory() ? realpath(path) : undefined
}
