import type { Page } from './page.ts'

/** What stands below a command's options: what it prints for scripts, how it ends, and examples to copy. */
export function teach({ json, exits, examples }: Pick<Page, 'json' | 'exits' | 'examples'>): string {
  return [
    section('With --json it prints:', json === undefined ? [] : json.split('\n')),
    section(
      'Exit codes:',
      exits.map(([code, meaning]) => `${String(code).padStart(3)}  ${meaning}`),
    ),
    section('Examples:', examples),
  ].join('')
}

function section(heading: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `\n${heading}\n${lines.map((line) => `  ${line}\n`).join('')}`
}
