import { randomBytes } from 'node:crypto'

export type Dialect = 'posix' | 'fish' | 'pwsh'

/** Digits of a mark's number: a step has at most 1,000 commands. */
export const MARK_DIGITS = 4

/** What a script writes before each command so that the reader knows the place; no output holds it by chance. */
export function newMark(): string {
  return `drumline:${randomBytes(16).toString('hex')}:`
}

export interface ScriptFiles {
  /** The pipes behind stdout and stderr, by path. */
  readonly out: string
  readonly err: string
}

/**
 * The commands as one script: they share variables, `cd` and options, and a command may even end inside a construct that
 * the next one closes. Before each, a mark goes into both pipes. It is written by the pipe's path and not to
 * descriptor 1, so that it arrives after `exec >file`, never lands in that file, and no descriptor is left for the
 * command to inherit.
 */
export function writeScript(dialect: Dialect, commands: readonly string[], mark: string, files: ScriptFiles): string {
  const write = WRITERS[dialect]
  const paths = { out: quote(dialect, files.out), err: quote(dialect, files.err) }
  const parts = commands.map((command, index) =>
    // The empty line keeps a backslash at the end of a command from joining it with the next mark.
    write(command, `${mark}${String(index).padStart(MARK_DIGITS, '0')}`, paths),
  )
  return `${PREAMBLE[dialect]}${parts.join('\n')}`
}

/** The echo of a command, as people know it from `set -x`. */
export function echoOf(command: string): string {
  return `+ ${command.replace(/\n+$/, '')}`
}

type Writer = (command: string, mark: string, quoted: ScriptFiles) => string

// `2>/dev/null` around the whole group also hides it from `set -x`; `|| :` lets a step go on that removed its pipes.
const WRITERS: Record<Dialect, Writer> = {
  posix: (command, mark, { out, err }) =>
    `{ echo ${mark} >${err}; echo ${mark} >${out}; } 2>/dev/null || :\n${command}\n`,
  fish: (command, mark, { out, err }) =>
    `begin; echo ${mark} >${err}; echo ${mark} >${out}; end 2>/dev/null; or true\n${command}\nor exit $status\n`,
  // .NET wants to seek in what it opens for writing; a pipe cannot, so `sh` writes the mark. That sets $LASTEXITCODE to 0 too.
  pwsh: (command, mark, { out, err }) =>
    `& /bin/sh -c 'echo ${mark} >"$0"; echo ${mark} >"$1"' ${err} ${out} 2>$null\n${command}\n` +
    'if (-not $? -or $LASTEXITCODE) { if ($LASTEXITCODE) { exit $LASTEXITCODE } else { exit 1 } }\n',
}

const PREAMBLE: Record<Dialect, string> = { posix: '', fish: '', pwsh: "$ErrorActionPreference = 'Stop'\n" }

/** One word to the shell, whatever is in it. */
export function quote(dialect: Dialect, word: string): string {
  if (dialect === 'fish') return `'${word.replace(/[\\']/g, '\\$&')}'`
  if (dialect === 'pwsh') return `'${word.replaceAll("'", "''")}'`
  return `'${word.replaceAll("'", "'\\''")}'`
}
