import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { processesIn } from '../support/proc.ts'
import { Stage } from '../support/stage.ts'
import { waitUntil } from '../support/wait-until.ts'

test('demo --once runs every example as it promises, exits 0 and leaves nothing', { timeout: 240_000 }, async () => {
  const stage = new Stage()
  try {
    const demo = stage.start(['demo', '--once'], world(stage))
    const exit = await demo.finished(220_000)
    expect({ ...exit, told: demo.stdout() + demo.stderr() }).toMatchObject({
      code: 0,
      told: expect.stringMatching(/as expected/),
    })
    await leavesNothing(stage)
  } finally {
    await stage.destroy()
  }
})

test('Ctrl-C of demo leaves no process and no folder behind', { timeout: 60_000 }, async () => {
  const stage = new Stage()
  try {
    const demo = stage.start(['demo'], world(stage))
    await demo.says(/`drumline login` prints a link to the dashboard/, 40_000)
    await demo.says(/sleeping for ten minutes|hello from/, 40_000)
    demo.signal('SIGINT')
    await demo.finished(20_000)
    await leavesNothing(stage)
  } finally {
    await stage.destroy()
  }
})

/** One example asks the npm registry, which a machine may reach only by its own settings. */
function world(stage: Stage): Record<string, string> {
  const entries = Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  return { ...Object.fromEntries(entries), TMPDIR: stage.path('tmp') }
}

async function leavesNothing(stage: Stage): Promise<void> {
  await waitUntil(() => processesIn(stage.folder).length === 0, { what: 'the end of every process' })
  expect(readdirSync(stage.path('tmp'))).toEqual([])
}
