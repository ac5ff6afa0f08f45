import type { Completes, Flag, Flags } from './flags.ts'

/** `<id>` or `[file...]`, what it is, and what a shell offers for it. */
export type ArgumentSpec = readonly [spec: string, about: string, completes?: Completes]

type FlagSpec = Omit<Flag<unknown>, 'twin' | 'fallback' | 'read'> & { readonly twin: string }

/** What a command tells of itself. Its help, `docs/cli.md` and the shells read the same page. */
export interface Page {
  /** As it is typed: `list`, `token create`. */
  readonly name: string
  /** What it does, in sentences. */
  readonly about: string
  readonly args: readonly ArgumentSpec[]
  readonly flags: readonly FlagSpec[]
  /** What it prints with `--json`. */
  readonly json: string | undefined
  /** Exit codes that say more here than everywhere. */
  readonly exits: readonly Exit[]
  readonly examples: readonly string[]
  /** Of a command that only holds others. */
  readonly members: readonly Page[]
}

type Exit = readonly [code: number, meaning: string]

/** What a definition says in its own words; the rest of its page follows from it. */
export interface PageSource {
  readonly name: string
  readonly about: string
  readonly args?: readonly ArgumentSpec[]
  readonly flags: Flags
  readonly json?: string
  readonly exits?: readonly Exit[]
  readonly examples: readonly string[]
}

export function pageOf({ name, about, args = [], flags, json, exits = [], examples }: PageSource): Page {
  const specs = Object.values(flags).map((flag) => ({ ...flag, twin: twinOf(name, flag) }))
  return { name, about, args, flags: specs, json, exits, examples, members: [] }
}

export function groupPage(name: string, about: string, members: readonly Page[]): Page {
  return { name, about, args: [], flags: [], json: undefined, exits: [], examples: [], members }
}

/** The name commander knows a flag by: `--token-file <path>` → `token-file`. */
export function longName({ flags }: Pick<Flag<unknown>, 'flags'>): string {
  return /--([a-z-]+)/.exec(flags)?.[1] ?? flags
}

/** The environment variable that stands in for a flag: its own, or `DRUMLINE_COMMAND_FLAG`. */
export function twinOf(command: string, flag: Pick<Flag<unknown>, 'flags' | 'twin'>): string {
  return flag.twin ?? `DRUMLINE_${command}_${longName(flag)}`.toUpperCase().replaceAll(/[- ]/g, '_')
}
