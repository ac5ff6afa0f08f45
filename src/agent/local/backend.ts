import { tmpdir } from 'node:os'
import { type Log, silentLog } from '../../protocol/index.ts'
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
  /** Where each attempt's folder is made. Default: the system's folder for temporary files. */
  readonly root?: string
  /** Default: says nothing. */
  readonly log?: Log
}

/**
 * Runs a workflow's steps as processes of this machine: each by its shell, in a process group of its own, with a clean
 * environment, in a workspace that exists only for this attempt. When it settles no process of a step's group is left,
 * and no folder. Begins by clearing away what an agent that was killed left under the same root.
 */
export function localBackend(options: LocalOptions): Run {
  const { baseEnv, passEnv = [], root = tmpdir(), log = silentLog } = options
  const cleared = clearAbandoned(root, log)
  return async (job: Job): Promise<void> => {
    await cleared
    const workspace = await Workspace.create(root, baseEnv.PATH, (folder) => job.leaves({ folder }))
    try {
      await new WorkflowRun({ job, workspace, baseEnv, passEnv }).run()
    } finally {
      await workspace.remove().catch((error: unknown) => {
        // The work is done and its outcome stands; the folder is left for people to look at.
        log.warn({ workflow: job.offer.workflowId, folder: workspace.root, error }, 'could not remove a workspace')
      })
    }
  }
}
