import { readFileSync } from 'node:fs'
import { processIds, readStatNow } from '../../host/process-table.ts'
import { ProcessGroup } from './process-group.ts'

/**
 * Signals all that runs in a workspace, in whole groups: a step's session holds nothing else. Answers whether anything did.
 * However old the knowledge, nobody else can be meant: no two workspaces have one name.
 */
export function signalProcessesOf(folder: string, signal: NodeJS.Signals | 0): boolean {
  const groups = new Set(processesOf(folder).flatMap((id) => readStatNow(id)?.group ?? []))
  for (const group of groups) new ProcessGroup(group).signal(signal)
  return groups.size > 0
}

/** Known by what every step is given and hardly any changes, so that those are found, too, that have left their group. */
function processesOf(folder: string): string[] {
  const marks = [`HOME=${folder}/home`, `CI_WORKSPACE=${folder}/workspace`]
  return processIds().filter((id) => {
    const variables = environmentOf(id).split('\0')
    return marks.some((mark) => variables.includes(mark))
  })
}

function environmentOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/environ`, 'utf8')
  } catch {
    return '' // It has just ended, or is somebody else's.
  }
}
