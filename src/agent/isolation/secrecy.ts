import { IsolationError } from './isolation-error.ts'
import { runAs } from './run-as.ts'
import type { Sandbox } from './sandbox.ts'
import type { StepUser } from './step-user.ts'

/** Says those of its arguments that it can read or change. */
const LOOK = 'for path; do if [ -r "$path" ] || [ -w "$path" ]; then printf "%s\\n" "$path"; fi; done'

/** Throws for a path that one of the users can read or change, whatever rights say so. */
export async function keepFromUsers(secrets: readonly string[], users: readonly StepUser[]): Promise<void> {
  if (secrets.length === 0) return
  for (const user of users) {
    const { out } = await runAs(user, '/bin/sh', ['-c', LOOK, 'sh', ...secrets])
    const [open] = out.split('\n').filter(Boolean)
    if (open !== undefined) {
      throw new IsolationError(
        `${open} is open to ${user.name}, whom steps run as: take the rights away (chmod go= ${open})`,
      )
    }
  }
}

/** Throws for a path that the sandbox shows. */
export function keepFromSandbox(secrets: readonly string[], sandbox: Sandbox): void {
  const shown = secrets.find((path) => sandbox.shows(path))
  if (shown !== undefined) throw new IsolationError(`${shown} lies in what the sandbox shows to steps`)
}

/** Throws if the sandbox shows where all the workspaces are. */
export function keepApart(root: string, sandbox: Sandbox): void {
  if (sandbox.shows(root)) throw new IsolationError(`${root}, where all workspaces are, lies in what the sandbox shows`)
}
