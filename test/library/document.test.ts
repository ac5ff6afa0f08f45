import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refreshed } from './document.ts'
import { ROOT } from './entries.ts'

// `npm run docs` writes it anew; otherwise a difference fails here.
const text = readFileSync(join(ROOT, 'docs', 'library.md'), 'utf8')

test('docs/library.md has the examples as they are, and every export with its meaning', async () => {
  await expect(refreshed(text)).toMatchFileSnapshot('../../docs/library.md')
})

test('docs/library.md shows every example', () => {
  const programs = readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.ts'))
  expect(programs.length).toBeGreaterThanOrEqual(5)
  for (const program of programs) expect(text).toContain(`<!-- examples/${program} -->`)
})
