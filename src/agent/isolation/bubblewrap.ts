import { findProgram } from '../local/shell.ts'
import { IsolationError } from './isolation-error.ts'
import { type Ids, runAs } from './run-as.ts'
import type { Sandbox } from './sandbox.ts'

const INSTALL = 'apt-get install bubblewrap, dnf install bubblewrap, apk add bubblewrap'

/** What stands in the way, by what bwrap says of it, and how it is mended. */
const OBSTACLES: readonly (readonly [said: RegExp, mend: string])[] = [
  [/unknown option/i, 'this bubblewrap is too old: 0.4 or newer is needed'],
  [
    /can't mount proc/i,
    'the container that the agent is in hides parts of /proc, so that nobody inside gets one of their own: start it with ' +
      '`--security-opt systempaths=unconfined` (Docker, Podman) or procMount: Unmasked (Kubernetes)',
  ],
  [
    /namespace|uid map|permission|not permitted|unshare|clone/i,
    'this machine does not let the agent make namespaces: look at sysctl user.max_user_namespaces (more than 0), ' +
      'kernel.unprivileged_userns_clone (1) and kernel.apparmor_restrict_unprivileged_userns (0, or a profile for bwrap); ' +
      'a container needs `--security-opt seccomp=unconfined` or a profile that allows them',
  ],
]

/** The program, wherever this machine has it. Throws with what to install. */
export async function findBubblewrap(searchPath: string): Promise<string> {
  const found = await findProgram('bwrap', searchPath)
  if (found === undefined) {
    throw new IsolationError(`the sandbox takes bubblewrap: no program bwrap on ${searchPath}; ${INSTALL}`)
  }
  return found
}

/** Makes a sandbox with nothing in it. Throws with what is missing. */
export async function tryBubblewrap(sandbox: Sandbox, ids: Ids | undefined): Promise<void> {
  const said = await runAs(ids, sandbox.bwrap, [...sandbox.frame, '--', '/bin/sh', '-c', ':'])
  if (said.code === 0) return
  const words = said.err.trim() || `it ended with ${said.code ?? 'a signal'}`
  const mend = OBSTACLES.find(([pattern]) => pattern.test(words))?.[1]
  throw new IsolationError(`the sandbox cannot stand: ${words}${mend === undefined ? '' : `; ${mend}`}`)
}
