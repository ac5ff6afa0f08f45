import { join } from 'node:path'
import { expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import { Running } from '../support/running.ts'
import { ROOT, type Stage } from '../support/stage.ts'
import { needsTool } from '../support/tools.ts'

const PLAYER = join(import.meta.dirname, 'transcript.py')
const DOCUMENT = join(ROOT, 'docs', 'protocol.md')

needsTool('python3-websockets')('a foreign agent', () => {
  test('plays the transcript of docs/protocol.md against the real server', { timeout: 60_000 }, () =>
    onStage(async (stage) => {
      await stage.serve()
      const operator = await stage.operator()
      const id = await submitHello(stage)

      const args = [PLAYER, String(stage.server.port), await stage.agentToken(), DOCUMENT]
      const python = new Running('/usr/bin/python3', args, { cwd: stage.folder, env: { PATH: process.env.PATH ?? '' } })
      stage.cleanups.push(() => python.kill())
      const exit = await python.finished(40_000)
      expect({ ...exit, stderr: python.stderr() }).toEqual({ code: 0, signal: null, stderr: '' })
      expect(JSON.parse(python.stdout())).toMatchObject({ workflow: id })

      expect(await operator.call('get', { id })).toMatchObject({
        state: 'success',
        attempt: 1,
        agent: 'snake',
        logs: 'incomplete',
        missing: [{ stepId: 's1', from: 5, to: 5, reason: 'the spool was full' }],
        steps: [{ state: 'success', exitCode: 0, lines: 5 }],
      })
      expect(await stage.json('show', id)).toMatchObject({ state: 'success', logs: 'incomplete' })
      await expectLines(stage, id)
    }),
  )
})

async function submitHello(stage: Stage): Promise<string> {
  const operator = await stage.operator()
  const workflow = {
    name: 'hello',
    labels: { lang: 'python' },
    environment: {},
    priority: 0,
    timeoutMs: 60_000,
    graceMs: 10_000,
    onOutage: 'stop' as const,
    maxAttempts: 3,
    dependsOn: [],
    runsOn: [],
    secrets: [],
    steps: [{ id: 's1', name: 'greet', commands: ['greet'] }],
  }
  const { workflows } = await operator.call('submit', { workflows: [workflow], secrets: {} })
  return workflows[0]?.id ?? ''
}

/** Lines 1 to 4 as they were sent: what a hole made the server drop was sent again. */
async function expectLines(stage: Stage, id: string): Promise<void> {
  const { stdout } = await stage.run(['logs', id, '--json', '--commands'])
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((row) => JSON.parse(row))
  expect(rows.filter(({ line }) => line <= 4)).toMatchObject([
    { step: 'greet', line: 1, kind: 'command', text: '+ greet' },
    { step: 'greet', line: 2, kind: 'out', text: 'hello' },
    { step: 'greet', line: 3, kind: 'err', text: 'again' },
    { step: 'greet', line: 4, kind: 'out', text: 'after done' },
  ])
  const text = await stage.run(['logs', id])
  expect(text.stdout).toContain('hello\nagain\nafter done\n')
}
