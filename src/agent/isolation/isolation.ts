import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { endProcessesOf } from '../local/processes.ts'
import { DEFAULT_PATH } from '../local/shell.ts'
import { findBubblewrap, tryBubblewrap } from './bubblewrap.ts'
import type { Cell } from './cell.ts'
import { IsolationError } from './isolation-error.ts'
import { makePassage, removePassage, walkPassage } from './passage.ts'
import { Sandbox } from './sandbox.ts'
import { readBind } from './sandbox-bind.ts'
import { keepApart, keepFromSandbox, keepFromUsers } from './secrecy.ts'
import { readUsers, type StepUser } from './step-user.ts'
import { UserPool } from './user-pool.ts'
import { endUser } from './user-processes.ts'

/** What steps are kept from, and by what means. Linux only. */
export interface IsolationOptions {
  /** Workflows at a time. */
  readonly capacity: number
  /**
   * Users whom steps run as, by name, number, or range of numbers (`200000-200063`): each workflow has one to itself. Nothing
   * else may run as them, since all their processes are killed. Takes root. Default as root with `sandbox`: numbers that
   * nobody has; otherwise the agent's own user.
   */
  readonly runAs?: readonly string[]
  /** Steps see their workspace and the system's programs, read-only, and no other process. Takes bubblewrap. */
  readonly sandbox?: boolean
  /** What they see besides: `/path` read-only, `/path:rw` to write, which steps of all workflows then may. */
  readonly binds?: readonly string[]
  /** Files and folders of the agent that no step may read, by absolute path: it is refused if one could. */
  readonly secrets?: readonly string[]
  /** Where each attempt's folder is made. Default: the system's folder for temporary files. */
  readonly root?: string
  /** Where bubblewrap is looked for. Default: where the system has its programs. */
  readonly searchPath?: string
}

/** Nobody's on a machine with systemd, and below what a container with 65,536 users has. */
const NOBODYS = '60706-61183'

interface Parts {
  readonly root: string
  readonly pool: UserPool | undefined
  readonly sandbox: Sandbox | undefined
}

/** Keeps the steps of each workflow apart from the agent and from other workflows. `localBackend` takes it. */
export class Isolation {
  /** Where each attempt's folder is made. */
  readonly root: string
  /** Users whom steps run as; none where they run as the agent does. */
  readonly users: readonly string[]
  /** Whether steps see only their own. */
  readonly sandboxed: boolean
  readonly #pool: UserPool | undefined
  readonly #sandbox: Sandbox | undefined

  /** @internal Made by `isolate`. */
  constructor({ root, pool, sandbox }: Parts) {
    this.root = root
    this.users = pool?.users.map(({ name }) => name) ?? []
    this.sandboxed = sandbox !== undefined
    this.#pool = pool
    this.#sandbox = sandbox
  }

  /** @internal A place for one workflow. Rejects if what another left in all of them cannot be ended. */
  async enter(): Promise<Cell> {
    // Whoever tidies up the folder for temporary files may have taken it away.
    if (this.#pool !== undefined) await makePassage(dirname(this.root))
    const user = await this.#pool?.take()
    return { ...(user && { user }), ...(this.#sandbox && { sandbox: this.#sandbox }) }
  }

  /** @internal Ends all that the workflow has left running, in whatever session. Answers whether that came. */
  end({ user }: Cell, folder: string): Promise<boolean> {
    return user === undefined ? endProcessesOf(folder) : endUser(user)
  }

  /** @internal Another workflow may have it. */
  leave({ user }: Cell): void {
    if (user !== undefined) this.#pool?.give(user)
  }

  /** Gives the users back to the machine. To be called when the agent has finished. */
  async close(): Promise<void> {
    if (this.#pool === undefined) return
    await this.#pool.close()
    await removePassage(dirname(this.root))
  }
}

/**
 * Prepares to keep steps apart, and tries it out. Ends what a dead agent left running as one of the users. Rejects with
 * `IsolationError`, which says what is missing: nothing is ever left off in silence.
 */
export async function isolate(options: IsolationOptions): Promise<Isolation> {
  const { runAs = [], sandbox = false, root = tmpdir(), secrets = [] } = options
  if (process.platform !== 'linux') throw new IsolationError('steps can be kept apart on Linux only')
  if (!sandbox && (options.binds ?? []).length > 0) throw new IsolationError('there is no sandbox to show a path in')
  const superuser = process.geteuid?.() === 0
  if (runAs.length > 0 && !superuser) throw new IsolationError('only root can have steps run as other users')
  const words = runAs.length > 0 ? runAs : superuser && sandbox ? [NOBODYS] : []
  const pool = words.length === 0 ? undefined : await UserPool.open(await readUsers(words), options.capacity)
  try {
    const folder = pool === undefined ? root : await makePassage(root)
    const users = pool?.users ?? []
    for (const user of users) await walkPassage(folder, user)
    await keepFromUsers(secrets, users)
    return new Isolation({
      root: folder,
      pool,
      sandbox: sandbox ? await sandboxOf(options, folder, users[0]) : undefined,
    })
  } catch (error) {
    await pool?.close()
    if (pool !== undefined) await removePassage(root)
    throw error
  }
}

async function sandboxOf(options: IsolationOptions, root: string, user?: StepUser): Promise<Sandbox> {
  const { searchPath = DEFAULT_PATH, binds = [], secrets = [] } = options
  const sandbox = new Sandbox(await findBubblewrap(searchPath), binds.map(readBind))
  keepFromSandbox(secrets, sandbox)
  keepApart(root, sandbox)
  await tryBubblewrap(sandbox, user)
  return sandbox
}
