import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { Dialect } from './script.ts'

/** How a shell is started on a script file, and what it reads. */
interface ShellKind {
  readonly dialect: Dialect
  readonly args: (script: string) => string[]
}

const posix: ShellKind = { dialect: 'posix', args: (script) => ['-e', script] }

/** The shells a step may name as its `image`. */
const KINDS: ReadonlyMap<string, ShellKind> = new Map([
  ...['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash'].map((name) => [name, posix] as const),
  ['fish', { dialect: 'fish', args: (script) => ['--no-config', script] }],
  ['pwsh', { dialect: 'pwsh', args: (script) => ['-NoLogo', '-NoProfile', '-NonInteractive', '-File', script] }],
])

export const SHELLS: readonly string[] = [...KINDS.keys()]

/** Where a shell is looked for if the agent itself has no PATH. */
export const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin'

export interface Shell extends ShellKind {
  readonly path: string
}

/** The shell named by `image`, or a sentence that says what was looked for and where. */
export async function findShell(image: string | undefined, searchPath: string): Promise<Shell | string> {
  const name = image ?? 'sh'
  const kind = KINDS.get(name)
  if (kind === undefined) return `image "${name}" is not a shell; this agent runs ${SHELLS.join(', ')}`
  const path = await findProgram(name, searchPath)
  return path === undefined ? `image "${name}": ${missing(name, searchPath)}` : { ...kind, path }
}

/** What is said of a program that is not there. */
export function missing(name: string, searchPath: string): string {
  return `no program ${name} on this agent's PATH, ${searchPath}`
}

export async function findProgram(name: string, searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(':')) {
    // An empty or relative entry means the current directory, which for a step is what the workflow brought along.
    if (!isAbsolute(folder)) continue
    const path = join(folder, name)
    if (await isProgram(path)) return path
  }
  return undefined
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
