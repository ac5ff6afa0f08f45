import { spawn } from 'node:child_process'

export interface Ids {
  readonly uid: number
  readonly gid: number
}

/** How a short program ended, and what it said. */
export interface Said {
  /** Null if a signal ended it. */
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Where its programs are found. */
const PATH = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin'

/**
 * Runs a short program as somebody else: what is done so to the files of an untrusted user goes no further than that user
 * could go. It has a session of its own, so that no signal to its group meets the agent. Rejects if it cannot be started.
 */
export function runAs(ids: Ids | undefined, program: string, args: readonly string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...identity(ids),
      cwd: '/',
      env: { PATH, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const said = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.err += text
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ ...said, code }))
  })
}

/** What makes a child somebody else's. The system takes the agent's other groups from it, too. */
export function identity(ids: Ids | undefined): Partial<Ids> {
  return ids === undefined ? {} : { uid: ids.uid, gid: ids.gid }
}
