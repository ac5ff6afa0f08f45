import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processIds, readStatNow } from '../../host/process-table.ts'
import type { Ids } from '../isolation/run-as.ts'
import { SANDBOX_MARK } from '../isolation/sandbox-mark.ts'
import { killUser, processesOfUser } from '../isolation/user-processes.ts'
import { ProcessGroup } from './process-group.ts'

/** A process may fork while it is looked for; after so many rounds it is left. */
const ROUNDS = 10
const ROUND_MS = 10

/**
 * Signals all that runs in a workspace, in whole groups: a step's session holds nothing else. Answers whether anything did.
 * However old the knowledge, nobody else can be meant: no two workspaces have one name.
 */
function signalProcessesOf(folder: string, signal: NodeJS.Signals | 0): boolean {
  const deadly = signal === 'SIGKILL' || signal === 0
  const marks = [`HOME=${folder}/home`, `CI_WORKSPACE=${folder}/workspace`]
  const found = processesWith(deadly ? [...marks, `${SANDBOX_MARK}=${folder}`] : marks)
  const groups = new Set(found.flatMap((id) => readStatNow(id)?.group ?? []))
  for (const group of groups) new ProcessGroup(group).signal(signal)
  return groups.size > 0
}

/**
 * The same, and if the workspace is somebody else's also whatever of that user runs that is known by nothing else any more.
 * For as long as the workspace is there, nothing else may run as that user.
 */
export function signalAllOf(folder: string, signal: NodeJS.Signals | 0): boolean {
  const found = signalProcessesOf(folder, signal)
  const user = userOf(folder)
  if (user === undefined || processesOfUser(user.uid).length === 0) return found
  if (signal === 'SIGKILL') killUser(user)
  return true
}

/** Kills what runs in a workspace. Answers whether nothing does any more. */
export async function endProcessesOf(folder: string): Promise<boolean> {
  for (let round = 0; round < ROUNDS; round++) {
    if (!signalProcessesOf(folder, 'SIGKILL')) return true
    await sleep(ROUND_MS)
  }
  return false
}

/** Known by what every step is given and hardly any changes, so that those are found, too, that have left their group. */
function processesWith(marks: readonly string[]): string[] {
  return processIds().filter((id) => {
    const variables = environmentOf(id).split('\0')
    return marks.some((mark) => variables.includes(mark))
  })
}

/** Whose a workspace is, unless it is ours. */
function userOf(folder: string): Ids | undefined {
  const { uid, gid } = lstatSync(join(folder, 'home'), { throwIfNoEntry: false }) ?? {}
  return uid === undefined || gid === undefined || uid === process.geteuid?.() ? undefined : { uid, gid }
}

function environmentOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/environ`, 'utf8')
  } catch {
    return '' // It has just ended, or is somebody else's.
  }
}
