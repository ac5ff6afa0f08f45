import { expect, test } from 'vitest'
import { AGENT_RULES } from '../../src/conformance/index.ts'
import { Trial } from '../conformance/trial.ts'
import { onStage } from '../support/on-stage.ts'
import { startPythonAgent } from '../support/python-agent.ts'
import type { Stage } from '../support/stage.ts'
import { needsTool } from '../support/tools.ts'
import { waitUntil } from '../support/wait-until.ts'

const PATIENCE_MS = 90_000

const workflow = (commands: string, more = '') => `
labels: {lang: python}
environment: {WHO: world}
${more}
steps:
  - name: work
    commands:
      - ${commands}
`
const TICKS = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo tick $i; sleep 1; done'

/** Those of work that goes well; the rest take minutes, and are tried by the long tests. */
const PLAIN = (['accept', 'init', 'updates', 'done', 'lines', 'pieces', 'credit', 'rewind'] as const).map(
  (name) => AGENT_RULES[name].id,
)

needsTool('python3-websockets')('the agent in Python', () => {
  test('keeps the rules of work that goes well', { timeout: 400_000 }, () =>
    onStage(async (stage) => {
      const trial = await Trial.listen(stage, PLAIN)
      startPythonAgent(stage, trial.url, trial.token)
      const { code, verdicts, broken } = await trial.verdicts()
      expect({ broken, code }).toEqual({ broken: [], code: 0 })
      expect(verdicts.map(({ id }) => id)).toEqual(PLAIN)
    }),
  )

  test('runs a workflow, goes on over a server that is killed, and is canceled', { timeout: 400_000 }, () =>
    onStage(async (stage) => {
      await stage.serve()
      startPythonAgent(stage, stage.server.url, await stage.agentToken())
      await stage.online('snake')
      const [short, long, endless] = [
        await stage.submit(workflow('echo hello $WHO; echo oh >&2; exit 3')),
        await stage.submit(workflow(TICKS)),
        await stage.submit(workflow("trap '' TERM; while :; do echo on; sleep 1; done", 'grace: 2s')),
      ]
      expect(await stage.watch.ended(short, PATIENCE_MS)).toMatchObject({
        state: 'failure',
        logs: 'complete',
        steps: [{ exitCode: 3 }],
      })
      expect((await stage.run(['logs', short])).stdout).toBe('hello world\noh\n')

      await hasLine(stage, long, 'tick 3')
      await stage.server.process.kill()
      await stage.serve()
      expect(await stage.watch.ended(long, PATIENCE_MS)).toMatchObject({
        state: 'success',
        attempt: 1,
        agent: 'snake',
        logs: 'complete',
      })
      const ticks = Array.from({ length: 12 }, (_, at) => `tick ${at + 1}\n`).join('')
      expect((await stage.run(['logs', long])).stdout).toBe(ticks)

      await hasLine(stage, endless, 'on')
      expect(await stage.run(['cancel', endless, '--wait'], {}, PATIENCE_MS)).toMatchObject({ code: 0 })
      expect(await stage.watch.ended(endless, PATIENCE_MS)).toMatchObject({
        state: 'canceled',
        steps: [{ state: 'canceled' }],
      })
    }),
  )
})

async function hasLine(stage: Stage, id: string, line: string): Promise<void> {
  const look = async () => {
    const { attempt = 0 } = (await stage.watch.get(id)) ?? {}
    return attempt > 0 && (await stage.watch.log(id, attempt)).output.includes(line)
  }
  await waitUntil(look, { limitMs: PATIENCE_MS, what: `the line ${line}` })
}
