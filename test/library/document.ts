import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { firstSentence } from './comments.ts'
import { ENTRIES, ROOT } from './entries.ts'
import { commentOf, type Exported } from './surface.ts'

/** `docs/library.md` as it should be: each example as its file has it, and the table of exports. */
export function refreshed(text: string): string {
  return text
    .replace(/(<!-- (examples\/[\w-]+\.ts) -->\n)(?:\n```ts\n[\s\S]*?\n```\n)?/g, (_, mark: string, file: string) => {
      return `${mark}\n\`\`\`ts\n${readFileSync(join(ROOT, file), 'utf8').trimEnd()}\n\`\`\`\n`
    })
    .replace(/(<!-- exports: generated -->\n)[\s\S]*?(<!-- \/exports -->)/, (_, open: string, close: string) => {
      return `${open}\n${Object.entries(ENTRIES)
        .map(([entry, surface]) => table(entry, surface))
        .join('\n\n')}\n\n${close}`
    })
}

function table(entry: string, surface: readonly Exported[]): string {
  const rows = surface
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((exported) => `| \`${exported.name}\` | ${sentence(exported).replaceAll('|', '\\|')} |`)
  return [`### \`${entry}\``, '', '| name | |', '|---|---|', ...rows].join('\n')
}

function sentence(exported: Exported): string {
  return firstSentence(commentOf(exported) ?? '')
}
