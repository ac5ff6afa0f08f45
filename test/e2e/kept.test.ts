import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import { waitUntil } from '../support/wait-until.ts'

const VALUE = 'the-value-of-a-secret'

const USES_IT = `
secrets: [TOKEN]
steps:
  - name: use
    commands:
      - echo "$TOKEN" | rev
`

test('a secret is in no file of the server, and an ended workflow is gone after its time', { timeout: 90_000 }, () =>
  onStage(async (stage) => {
    await stage.serve('--test-timings', '--lease', '5s', '--keep', '2s')
    await stage.agent({ name: 'a' })
    const file = stage.write('uses-it.yaml', USES_IT)
    const { stdout, stderr, code } = await stage.run(['submit', file, '--secret', 'TOKEN', '--follow'], {
      TOKEN: VALUE,
    })
    expect({ code, said: stdout + stderr }).toEqual({
      code: 0,
      said: expect.stringContaining([...VALUE].reverse().join('')),
    })
    const [workflow] = ((await stage.json('list')) as { workflows: { id: string }[] }).workflows
    const gone = async () => (await stage.run(['show', workflow?.id ?? 'none', '--json'])).code === 4
    await waitUntil(gone, { limitMs: 30_000, what: 'the end of its time' })
    expect(await stage.json('list')).toEqual({ workflows: [] })
    expect(onDisk(stage.data)).not.toContain(VALUE)
  }),
)

function onDisk(folder: string): string {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map(({ name }) => readFileSync(join(folder, name), 'latin1')).join('\n')
}
