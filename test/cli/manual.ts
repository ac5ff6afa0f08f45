import { COMMANDS } from '../../src/cli/commands.ts'
import { CONNECT } from '../../src/cli/connect.ts'
import { EXIT_MEANINGS } from '../../src/cli/errors.ts'
import { NETWORK } from '../../src/cli/network.ts'
import { type Page, pageOf } from '../../src/cli/page.ts'

/** The generated blocks of `docs/cli.md`, from the pages that the program itself shows. */

export function exitsBlock(): string {
  return exitTable(EXIT_MEANINGS)
}

export function connectionBlock(): string {
  return sharedTable((heading) => heading !== NETWORK_HEADING)
}

export function networkBlock(): string {
  return sharedTable((heading) => heading === NETWORK_HEADING)
}

const NETWORK_HEADING = NETWORK.ca.heading

function sharedTable(isIn: (heading: string | undefined) => boolean): string {
  const { flags } = pageOf({ name: '', about: '', flags: CONNECT, examples: [] })
  return flagTable(flags.filter(({ heading }) => isIn(heading)))
}

/** Every command that is for people, under the headings of `drumline --help`. */
export async function commandsBlock(): Promise<string> {
  const sections: string[] = []
  let last: string | null = null
  for (const { heading, load } of Object.values(COMMANDS)) {
    if (heading === null) continue
    if (heading !== last) sections.push(`## ${heading.replace(/:$/, '')}`)
    last = heading
    sections.push(command((await load()).page))
  }
  return sections.join('\n\n')
}

function command(page: Page): string {
  if (page.members.length > 0) {
    return [`### ${page.name}`, page.about, ...page.members.map((member) => described(member, '####'))].join('\n\n')
  }
  return described(page, '###')
}

function described(page: Page, level: string): string {
  const { name, about, args, flags, json, exits, examples } = page
  const own = flags.filter(({ heading }) => heading === undefined)
  const shared = flags.filter(({ heading }) => heading !== undefined && heading !== NETWORK_HEADING)
  const names = shared.map((flag) => `\`${nameOf(flag)}\``).join(', ')
  const dials = flags.some(({ heading }) => heading === NETWORK_HEADING)
  const parts = [
    `${level} ${name}`,
    about,
    `\`\`\`\ndrumline ${[name, '[options]', ...args.map(([spec]) => spec)].join(' ')}\n\`\`\``,
    args.map(([spec, text]) => `- \`${spec}\`: ${text}`).join('\n'),
    own.length > 0 ? flagTable(own) : '',
    shared.length > 0 ? `Also ${names}: [server and credential](#server-and-credential).` : '',
    dials ? 'It dials as the [network flags](#network) say.' : '',
    json === undefined ? '' : `With \`--json\`: ${json.replace('\n', '').replace(/\{[^`]*\}/, '`$&`')}`,
    exits.length > 0 ? exitTable(exits) : '',
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\``,
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function nameOf({ flags }: Page['flags'][number]): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? flags
}

function flagTable(flags: Page['flags']): string {
  const rows = flags.map(({ flags: written, about, shown, twin }) => [
    `\`${written}\``,
    about,
    shown === undefined ? '' : `\`${shown}\``,
    `\`${twin}\``,
  ])
  return table(['flag', 'means', 'default', 'environment'], rows)
}

function exitTable(exits: readonly (readonly [code: number, meaning: string])[]): string {
  return table(
    ['exit code', 'means'],
    exits.map(([code, meaning]) => [String(code), meaning]),
  )
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, headings.map(() => '---'), ...rows]
  return all.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')
}
