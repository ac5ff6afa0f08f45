import { tmpdir } from 'node:os'
import { type Log, silentLog } from '../../protocol/index.ts'
import { OPEN } from '../isolation/cell.ts'
import type { Isolation } from '../isolation/isolation.ts'
import type { Job, Run } from '../run.ts'
import { clearAbandoned } from './abandoned.ts'
import { WorkflowRun } from './workflow-run.ts'
import { Workspace } from './workspace.ts'

/** Where steps run, and what they see. */
export interface LocalOptions {
  /** The agent's environment, `process.env` say. A step gets PATH, LANG, LC_* and TZ of it, and what `passEnv` names. */
  readonly baseEnv: Readonly<Record<string, string | undefined>>
  /** Further names a step gets; never one that admits to the bus, as DRUMLINE_TOKEN does. */
  readonly passEnv?: readonly string[]
  /** Where each attempt's folder is made. Default: the isolation's, else the system's folder for temporary files. */
  readonly root?: string
  /** What keeps steps from the agent and from each other's workflows; made by `isolate`. Default: nothing. */
  readonly isolation?: Isolation
  /** Default: says nothing. */
  readonly log?: Log
}

/**
 * Runs a workflow's steps as processes of this machine: each by its shell, in a process group of its own, with a clean
 * environment, in a workspace that exists only for this attempt. When it settles no process of a step's group is left,
 * and no folder. Begins by clearing away what an agent that was killed left under the same root.
 */
export function localBackend(options: LocalOptions): Run {
  const { baseEnv, passEnv = [], isolation, log = silentLog } = options
  const root = isolation?.root ?? options.root ?? tmpdir()
  const cleared = clearAbandoned(root, log)
  return async (job: Job): Promise<void> => {
    await cleared
    const cell = (await isolation?.enter()) ?? OPEN
    try {
      const made = (folder: string) => job.leaves({ folder })
      const workspace = await Workspace.create(root, { searchPath: baseEnv.PATH, cell, made })
      try {
        await new WorkflowRun({ job, workspace, cell, baseEnv, passEnv }).run()
      } finally {
        const ended = (await isolation?.end(cell, workspace.root)) ?? true
        if (!ended) log.error({ workflow: job.offer.workflowId }, 'what a workflow has left running cannot be ended')
        await workspace.remove().catch((error: unknown) => {
          // The work is done and its outcome stands; the folder is left for people to look at.
          log.warn({ workflow: job.offer.workflowId, folder: workspace.root, error }, 'could not remove a workspace')
        })
      }
    } finally {
      isolation?.leave(cell)
    }
  }
}
