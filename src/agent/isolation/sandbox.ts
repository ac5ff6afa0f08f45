import { realpathSync } from 'node:fs'
import { isWithin } from './is-within.ts'
import type { SandboxBind } from './sandbox-bind.ts'
import { SANDBOX_MARK } from './sandbox-mark.ts'
import { SYSTEM_PATHS, systemArguments } from './system-view.ts'

/** Folders of one attempt, and what a step in it is started with. */
export interface SandboxPlace {
  readonly home: string
  readonly tmp: string
  /** What is /tmp inside. */
  readonly commonTmp: string
  readonly workspace: string
  /** The agent's own folder about the step: its script and its pipes. */
  readonly step: string
  readonly directory: string
  readonly env: Readonly<Record<string, string>>
}

/** Names and processes of its own, nothing of the machine's; the network alone is shared. */
const WALLS = [
  '--unshare-user',
  '--unshare-pid',
  '--unshare-ipc',
  '--unshare-uts',
  '--unshare-cgroup-try',
  // The step's processes are a group of their own, which is asked to end without whoever holds the sandbox up.
  '--new-session',
]

/** How `bwrap` is told what a step may see. */
export class Sandbox {
  /** The program. */
  readonly bwrap: string
  /** What is the same for every step, and so can be tried before there is one. */
  readonly frame: readonly string[]
  readonly #binds: readonly SandboxBind[]
  readonly #shown: readonly string[]

  constructor(bwrap: string, binds: readonly SandboxBind[] = []) {
    this.bwrap = bwrap
    this.frame = [...WALLS, ...systemArguments(), '--proc', '/proc', '--dev', '/dev', '--dir', '/run', '--dir', '/var']
    this.#binds = binds
    this.#shown = [...SYSTEM_PATHS, ...binds.map(({ path }) => path)].flatMap(withRealPath)
  }

  /** Whether steps see a path of the machine. */
  shows(path: string): boolean {
    return withRealPath(path).some((name) => this.#shown.some((folder) => isWithin(folder, name)))
  }

  /** Of a search path that which is there inside. */
  searchPath(path: string): string {
    return path
      .split(':')
      .filter((folder) => this.shows(folder))
      .join(':')
  }

  /** All but the program to run. */
  arguments(place: SandboxPlace): string[] {
    const { home, tmp, commonTmp, workspace, step, directory, env } = place
    return [
      ...this.frame,
      ...['/tmp', '/var/tmp'].flatMap((path) => ['--bind', commonTmp, path]),
      ...this.#binds.flatMap(({ path, writable }) => [writable ? '--bind' : '--ro-bind', path, path]),
      ...[home, tmp, workspace].flatMap((path) => ['--bind', path, path]),
      // Read-only holds for the script; the pipes can be written all the same.
      ...['--ro-bind', step, step],
      ...['--remount-ro', '/', '--chdir', directory, '--unsetenv', SANDBOX_MARK],
      ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    ]
  }
}

function withRealPath(path: string): string[] {
  try {
    return [path, realpathSync(path)]
  } catch {
    return [path]
  }
}
