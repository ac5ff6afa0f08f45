import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { refreshed } from '../support/generated.ts'
import { type Family, readExposition } from './support/exposition.ts'
import { openHouse } from './support/house.ts'

/** A set of values up to this size stands there in full; of a larger one, the first few. */
const WHOLE = 12
const FEW = 4

function row({ name, type, help, samples }: Family): string {
  const values = new Map<string, Set<string>>()
  for (const { labels } of samples) {
    for (const [label, value] of Object.entries(labels)) {
      if (label !== 'le') values.set(label, (values.get(label) ?? new Set()).add(value))
    }
  }
  return `| \`${name}\` | ${type} | ${[...values].map(labelText).join(', ')} | ${help} |`
}

function labelText([label, values]: [string, Set<string>]): string {
  // Of a release, not of this document.
  const most = label === 'version' ? 0 : values.size > WHOLE ? FEW : WHOLE
  const shown = [...values].slice(0, most)
  return `\`${label}\`: ${[...shown, ...(most < values.size ? ['…'] : [])].join(' ')}`
}

// `npm run docs` writes the block anew; otherwise a difference fails here.
test('docs/metrics.md explains all that the server counts', async () => {
  const house = await openHouse()
  const families = readExposition((await house.core.metrics.text()).body)
  const rows = [...families.values()].map(row)
  const table = () => ['| name | kind | labels | tells |', '|---|---|---|---|', ...rows].join('\n')
  const text = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
  await expect(refreshed(text, { metrics: table })).toMatchFileSnapshot('../../docs/metrics.md')
})
