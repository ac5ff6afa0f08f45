import type { Catalog } from '../catalog.ts'
import type { Completes } from '../flags.ts'
import { longName, type Page } from '../page.ts'
import type { World } from '../world.ts'
import type { Candidate } from './candidate.ts'
import type { Cursor } from './cursor.ts'
import { askServer } from './remote.ts'

/** The shell itself knows best which paths there are. */
type Paths = 'file' | 'folder'

/** What may stand where the cursor is. */
export async function candidatesAt(
  cursor: Cursor,
  catalog: Catalog,
  world: World,
): Promise<readonly Candidate[] | Paths> {
  const { page, before, word } = cursor
  const completes = completesAt(cursor)
  if (completes === 'file' || completes === 'folder') return completes
  const all =
    completes === undefined
      ? wordsAt(cursor, catalog)
      : typeof completes === 'string'
        ? await askServer(completes, cursor, world)
        : completes.map((value) => ({ value, about: '' }))
  const own = page === undefined ? [] : cursor.args
  return all
    .filter(({ value }) => value.startsWith(word) && !own.includes(value))
    .map(({ value, about }) => ({ value: before + value, about }))
}

/** What kind of value is written here; undefined if it is a word of the command line's own. */
function completesAt({ page, flag, word, args }: Cursor): Completes | undefined {
  if (flag !== undefined) return flag.completes ?? []
  if (page === undefined || word.startsWith('-')) return undefined
  const last = page.args.at(-1)
  const spec = page.args[args.length] ?? (last?.[0].includes('...') ? last : undefined)
  return spec?.[2]
}

function wordsAt({ page, word, flags }: Cursor, catalog: Catalog): readonly Candidate[] {
  if (page === undefined) return word.startsWith('-') ? PROGRAM_FLAGS : commands(catalog)
  const members = page.members.map(({ name, about }) => ({
    value: name.split(' ').at(-1) ?? name,
    about: brief(about),
  }))
  return word.startsWith('-') || members.length === 0 ? flagsOf(page, flags) : members
}

const HELP = { value: '--help', about: 'print its help' }
const PROGRAM_FLAGS = [HELP, { value: '--version', about: 'print the version' }]

function commands(catalog: Catalog): Candidate[] {
  const listed = Object.entries(catalog).filter(([, { heading }]) => heading !== null)
  return listed.map(([value, { summary }]) => ({ value, about: summary }))
}

/** Those that can still be given. */
function flagsOf({ flags }: Page, given: Cursor['flags']): Candidate[] {
  const left = flags.filter((flag) => flag.many || !given.has(longName(flag)))
  return [...left.map((flag) => ({ value: `--${longName(flag)}`, about: brief(flag.about) })), HELP]
}

/** A shell has one line for it. */
function brief(about: string): string {
  return about.split(/[.:;](?: |$)/)[0] ?? ''
}
