import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { processIds } from '../../host/process-table.ts'
import type { Ids } from './run-as.ts'

/** How long the kernel may take to end what was killed. */
const ENDED_MS = 5_000
const PAUSE_MS = 10
const KILLER_MS = 5_000

/** Living processes that are a user's, by any of their four user numbers. */
export function processesOfUser(uid: number): number[] {
  return processIds()
    .filter((id) => {
      const status = statusOf(id)
      const uids = /^Uid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/) ?? []
      return uids.includes(String(uid)) && !/^State:\s+[ZX]/m.test(status)
    })
    .map(Number)
}

/**
 * Kills all processes of a user, whatever session and group they are in. One after the other leaves out what is forked
 * meanwhile; `kill -1` as the user leaves out nobody, but others of that user might kill whoever is about to say it. Neither
 * can stop both.
 */
export function killUser({ uid, gid }: Ids): void {
  if (!(uid > 0)) throw new Error('not as root: that would end the machine')
  for (const id of processesOfUser(uid)) kill(id)
  const all = '[ "$(id -u)" = "$0" ] && kill -KILL -1'
  const options = { uid, gid, cwd: '/', env: { PATH: '/usr/bin:/bin' }, timeout: KILLER_MS } as const
  spawnSync('/bin/sh', ['-c', all, String(uid)], { ...options, stdio: 'ignore' })
}

/** Kills until nothing of the user is left. Answers whether that came. */
export async function endUser(user: Ids): Promise<boolean> {
  for (const until = performance.now() + ENDED_MS; processesOfUser(user.uid).length > 0; await sleep(PAUSE_MS)) {
    if (performance.now() > until) return false
    killUser(user)
  }
  return true
}

function kill(id: number): void {
  try {
    process.kill(id, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}

function statusOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/status`, 'latin1')
  } catch {
    return ''
  }
}
