import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { refreshed } from '../support/generated.ts'
import { commandsBlock, connectionBlock, exitsBlock, networkBlock } from './manual.ts'

// `npm run docs` writes the blocks anew; otherwise a difference fails here.
test('docs/cli.md says of every command what its --help says', async () => {
  const commands = await commandsBlock()
  const text = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')
  const blocks = { exits: exitsBlock, connection: connectionBlock, network: networkBlock, commands: () => commands }
  await expect(refreshed(text, blocks)).toMatchFileSnapshot('../../docs/cli.md')
})
