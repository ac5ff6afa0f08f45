import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import { Running } from '../support/running.ts'
import { ROOT } from '../support/stage.ts'

const PROGRAM = readFileSync(join(ROOT, 'examples', 'own-function.ts'), 'utf8')

test('a program of under 30 lines, without a cast, runs its own function as the work', { timeout: 60_000 }, () =>
  onStage(async (stage) => {
    expect(PROGRAM.trimEnd().split('\n').length).toBeLessThan(30)
    expect(PROGRAM.replace(/\/\/.*/g, '')).not.toMatch(/\bas\b|\bany\b|<[A-Z]/)
    await stage.serve()
    const id = await stage.submit(`
labels: { lang: ts }
steps:
  one: { commands: [a, b] }
  two: { commands: [c] }
`)

    // It has no type annotation, so the floor's Node takes it as it stands; `drumline/agent` is this package.
    const loader = ['--input-type=module', '-e', PROGRAM.replace('process.argv.slice(2)', 'process.argv.slice(1)')]
    const env = { PATH: process.env.PATH ?? '', DRUMLINE_TOKEN: await stage.agentToken() }
    const program = new Running(process.execPath, [...loader, stage.server.url], { cwd: ROOT, env })
    stage.cleanups.push(() => program.kill())

    expect(await stage.watch.ended(id)).toMatchObject({
      state: 'success',
      attempt: 1,
      agent: 'counter',
      logs: 'complete',
    })
    expect((await stage.run(['logs', id])).stdout).toBe(
      '2 commands, counted in TypeScript\n1 commands, counted in TypeScript\n',
    )
    program.signal('SIGTERM')
    expect(await program.finished()).toMatchObject({ code: 0 })
  }),
)
