import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Trial } from '../conformance/trial.ts'
import { onStage } from '../support/on-stage.ts'
import { Running } from '../support/running.ts'
import { ROOT, type Stage } from '../support/stage.ts'
import { needsTool } from '../support/tools.ts'

const AGENT = join(ROOT, 'examples', 'agent.py')

function startAgent(stage: Stage, url: string, token: string): Running {
  const env = { PATH: process.env.PATH ?? '', TMPDIR: stage.path('tmp'), DRUMLINE_TOKEN: token }
  const python = new Running('/usr/bin/python3', [AGENT, url, 'snake', 'lang=python'], { cwd: stage.folder, env })
  stage.cleanups.push(() => python.kill())
  return python
}

needsTool('python3-websockets')('the agent in Python', () => {
  test('keeps every rule that is required', { timeout: 900_000 }, () =>
    onStage(async (stage) => {
      const trial = await Trial.listen(stage)
      const python = startAgent(stage, trial.url, trial.token)
      const { code, verdicts } = await trial.verdicts()
      const broken = verdicts.filter(({ level, verdict }) => level === 'required' && verdict !== 'pass')
      expect({ broken, code }).toEqual({ broken: [], code: 0 })
      expect(await python.finished(60_000)).toMatchObject({ code: 1 })
    }),
  )
})
