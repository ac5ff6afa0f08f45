import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makePipes } from '../../host/index.ts'
import type { StepSpec } from '../../protocol/index.ts'
import { cloneCommands } from './clone.ts'
import { newMark, type ScriptFiles, writeScript } from './script.ts'
import { findProgram, findShell, missing, type Shell } from './shell.ts'
import type { Workspace } from './workspace.ts'

/** What a shell says of a program that is not there. */
const NOT_FOUND = 127

/** A reason not to start the step at all. */
export class Refusal extends Error {
  readonly exitCode: number | null

  constructor(message: string, exitCode: number | null) {
    super(message)
    this.exitCode = exitCode
  }
}

/** All that a step needs to be started. */
export interface Prepared extends ScriptFiles {
  readonly shell: Shell
  readonly directory: string
  /** Of its own: the script and the pipes. */
  readonly folder: string
  readonly commands: readonly string[]
  readonly script: string
  readonly mark: string
}

export interface PrepareOptions {
  readonly spec: StepSpec
  /** The step's place among its workflow's. */
  readonly index: number
  readonly workspace: Workspace
  readonly searchPath: string
  readonly secrets: Readonly<Record<string, string>>
}

/** Writes the step's script and makes its pipes. Throws a `Refusal` if something that it asks for is not there. */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { spec, index, workspace, searchPath } = options
  const shell = await findShell(spec.image, searchPath)
  if (typeof shell === 'string') throw new Refusal(shell, NOT_FOUND)
  const commands = await commandsOf(options)
  const directory = await workspace.directory(spec.directory).catch((error: Error) => {
    throw new Refusal(error.message, null)
  })
  const folder = await workspace.stepFolder(index)
  const files = { out: join(folder, 'out'), err: join(folder, 'err') }
  const script = join(folder, shell.dialect === 'pwsh' ? 'script.ps1' : 'script')
  const mark = newMark()
  await writeFile(script, writeScript(shell.dialect, commands, mark, files), { mode: 0o600 })
  await makePipes([files.out, files.err], searchPath)
  await workspace.handOver(script, files.out, files.err)
  return { ...files, shell, directory, folder, commands, script, mark }
}

async function commandsOf({ spec, searchPath, secrets }: PrepareOptions): Promise<readonly string[]> {
  const { clone, commands } = spec
  if (clone === undefined) return commands
  if ((await findProgram('git', searchPath)) === undefined) {
    throw new Refusal(`a clone takes git: ${missing('git', searchPath)}`, NOT_FOUND)
  }
  const { secret } = clone
  if (secret !== undefined && !secrets[secret]) throw new Refusal(`the secret "${secret}" has no value`, null)
  return cloneCommands(clone)
}
