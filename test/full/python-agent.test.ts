import { expect, test } from 'vitest'
import { Trial } from '../conformance/trial.ts'
import { onStage } from '../support/on-stage.ts'
import { startPythonAgent } from '../support/python-agent.ts'
import { needsTool } from '../support/tools.ts'

needsTool('python3-websockets')('the agent in Python', () => {
  test('keeps every rule that is required', { timeout: 900_000 }, () =>
    onStage(async (stage) => {
      const trial = await Trial.listen(stage)
      const python = startPythonAgent(stage, trial.url, trial.token)
      const { code, broken } = await trial.verdicts()
      expect({ broken, code }).toEqual({ broken: [], code: 0 })
      expect(await python.finished(60_000)).toMatchObject({ code: 1 })
    }),
  )
})
