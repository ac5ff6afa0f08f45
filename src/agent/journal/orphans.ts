import { dirname } from 'node:path'
import { readStat } from '../../host/index.ts'
import type { Log } from '../../protocol/index.ts'
import { clearAbandoned, clearUnowned } from '../local/abandoned.ts'
import { ProcessGroup } from '../local/process-group.ts'
import type { Group } from './entries.ts'
import type { Held } from './state.ts'

/** How long the kernel may take to end a killed group. */
const KILLED_MS = 5_000

/** Ends the steps that a dead predecessor left running. Answers whether none of them can run any more. */
export async function endGroups(leases: Iterable<Held>, log: Log): Promise<boolean> {
  let all = true
  for (const { offer, groups } of leases) {
    const { workflowId, lease } = offer
    for (const group of groups) {
      if (!(await isStill(group))) continue
      // Where the system does not say when a process began, nobody can tell whose it is.
      const ended = group.started !== '' && (await end(group))
      if (ended) log.warn({ workflowId, lease, group: group.id }, 'killed a step that a killed agent had left running')
      else log.error({ workflowId, lease, group: group.id }, 'a step that a killed agent left running cannot be ended')
      all &&= ended
    }
  }
  return all
}

/** Removes its workspaces, and ends whatever in them has no leader any more to be known by. */
export async function clearFolders(leases: Iterable<Held>, log: Log): Promise<void> {
  const all = [...leases].flatMap(({ folders }) => folders)
  for (const folder of all) await clearUnowned(folder, log)
  for (const parent of new Set(all.map((folder) => dirname(folder)))) await clearAbandoned(parent, log)
}

/** The number alone may be somebody else's by now. */
async function isStill({ id, started }: Group): Promise<boolean> {
  if (started === '') return new ProcessGroup(id).signal(0)
  return (await readStat(String(id)))?.started === started
}

async function end({ id }: Group): Promise<boolean> {
  const group = new ProcessGroup(id)
  return !group.signal('SIGKILL') || group.emptied(KILLED_MS)
}
