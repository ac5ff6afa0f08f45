import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/**
 * Whether the process group has a member that is not a zombie. Where there is no /proc to read, yes: the caller has
 * already seen that the group exists.
 */
export async function hasLivingMember(group: number): Promise<boolean> {
  const ids = processIds()
  if (ids.length === 0) return true
  for (const id of ids) {
    const stat = await readStat(id)
    if (stat !== undefined && stat.group === group && !stat.dead) return true
  }
  return false
}

/** Ids of all processes; none where there is no /proc. */
export function processIds(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
}

export interface ProcessStat {
  readonly group: number
  readonly dead: boolean
  /** When it started, in ticks since the machine did: with the id, it names one process for good. */
  readonly started: string
}

export async function readStat(id: string): Promise<ProcessStat | undefined> {
  try {
    return statOf(await readFile(`/proc/${id}/stat`, 'latin1'))
  } catch {
    return undefined
  }
}

/** When a process started, read at once: the caller dies before it waits. Empty where the system does not tell. */
export function startOf(id: number): string {
  return readStatNow(String(id))?.started ?? ''
}

/** `readStat`, for who cannot wait. */
export function readStatNow(id: string): ProcessStat | undefined {
  try {
    return statOf(readFileSync(`/proc/${id}/stat`, 'latin1'))
  } catch {
    return undefined
  }
}

function statOf(text: string): ProcessStat {
  // The program's name stands in parentheses and may hold anything; the fields after it are numbered from 3.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { group: Number(fields[2]), dead: fields[0] === 'Z' || fields[0] === 'X', started: fields[19] ?? '' }
}
