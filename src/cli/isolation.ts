import { resolve } from 'node:path'
import { type Isolation, IsolationError, isolate } from '../agent/index.ts'
import type { Log } from '../protocol/index.ts'
import type { Context } from './define.ts'
import { usage } from './errors.ts'
import { list, toggle } from './flags.ts'

/** What keeps steps from the agent and from other workflows. */
export const ISOLATION = {
  runAs: list(
    '--run-as <user>',
    'users whom steps run as, by name, number or range such as 200000-200063, one for each workflow at a time; nothing else ' +
      'may run as them. Takes root; may be given several times',
    { twin: 'DRUMLINE_RUN_AS' },
  ),
  sandbox: toggle(
    '--sandbox',
    "steps see their workspace, the system's programs and no other process; takes bubblewrap. As root they run as users " +
      'that nobody is, or as --run-as says',
    { twin: 'DRUMLINE_SANDBOX' },
  ),
  sandboxBind: list(
    '--sandbox-bind <path>',
    'further path that the sandbox shows, read-only; PATH:rw to write; may be given several times',
    { twin: 'DRUMLINE_SANDBOX_BIND', completes: 'file' },
  ),
}

type IsolationContext = Pick<Context<typeof ISOLATION>, 'flags' | 'world'>

export interface Kept {
  /** Workflows at a time. */
  readonly capacity: number
  /** The agent's own files and folders, as they were given. */
  readonly secrets: readonly (string | undefined)[]
  readonly log: Log
}

/** Prepares what the flags ask for; undefined if they ask for nothing. What cannot be had is wrong usage, said in a line. */
export async function isolationOf(context: IsolationContext, kept: Kept): Promise<Isolation | undefined> {
  const { flags, world } = context
  const { runAs, sandbox, sandboxBind: binds } = flags
  if (!sandbox && runAs.length === 0 && binds.length === 0) return undefined
  const secrets = kept.secrets.filter((path) => path !== undefined).map((path) => resolve(path))
  const users = runAs.flatMap((item) => item.split(',')).filter((item) => item !== '')
  const { PATH: searchPath } = world.env
  const options = { capacity: kept.capacity, runAs: users, sandbox, binds, secrets }
  try {
    const isolation = await isolate({ ...options, ...(searchPath === undefined ? {} : { searchPath }) })
    kept.log.info({ users: isolation.users, sandbox: isolation.sandboxed }, 'steps are kept apart')
    return isolation
  } catch (error) {
    throw error instanceof IsolationError ? usage(error.message) : error
  }
}
