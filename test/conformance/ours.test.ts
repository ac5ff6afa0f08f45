import { expect, test } from 'vitest'
import type { Verdict } from '../../src/conformance/index.ts'
import { onStage } from '../support/on-stage.ts'
import { Trial } from './trial.ts'

/** Both of our ends, from the built command line, as an author would try his. */

const notKept = (verdicts: readonly Verdict[]) => verdicts.filter(({ verdict }) => verdict !== 'pass')

test('our server keeps every rule, and nothing is left on it', { timeout: 400_000 }, () =>
  onStage(async (stage) => {
    await stage.serve()
    const { code, stdout, stderr } = await stage.run(['conformance', '--json'], {}, 300_000)
    const { verdicts } = JSON.parse(stdout) as { verdicts: Verdict[] }
    expect({ broken: notKept(verdicts), code, stderr }).toEqual({ broken: [], code: 0, stderr: '' })

    const operator = await stage.operator()
    const { agents } = await operator.call('agents', {})
    expect(agents).toEqual([])
    const { workflows } = await operator.call('list', { state: ['waiting', 'pending', 'offered', 'running'] })
    expect(workflows).toEqual([])
    const { tokens } = await operator.call('token.list', {})
    expect(tokens.filter(({ name, revoked }) => name === 'conformance' && revoked === null)).toEqual([])
  }),
)

test('our agent keeps every rule', { timeout: 900_000 }, () =>
  onStage(async (stage) => {
    const trial = await Trial.listen(stage)
    const { url, token } = trial
    const agent = stage.start(['agent', '--url', url, '--capacity', '2'], { DRUMLINE_TOKEN: token })
    const { code, verdicts } = await trial.verdicts()
    expect({ broken: notKept(verdicts), code }).toEqual({ broken: [], code: 0 })
    // The last rule is that it goes when it is told to stay away.
    expect(await agent.finished(60_000)).toMatchObject({ code: 4 })
  }),
)

test(
  'a server that is not there, a credential that may not, and a rule that is none are told apart',
  { timeout: 120_000 },
  () =>
    onStage(async (stage) => {
      await stage.serve()
      const unknown = await stage.run(['conformance', '--rule', 'R999'])
      expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('R1 to R49') })
      const agent = await stage.run(['conformance'], { DRUMLINE_TOKEN: await stage.agentToken() })
      expect(agent.code).toBe(4)
      const nobody = await stage.run(['conformance', '--url', 'http://127.0.0.1:1'])
      expect(nobody).toMatchObject({ code: 4, stderr: expect.stringContaining('cannot reach') })
      const taken = await stage.run(['conformance', '--listen', `127.0.0.1:${stage.server.port}`])
      expect(taken).toMatchObject({ code: 2, stderr: expect.stringContaining('EADDRINUSE') })
      const alone = await stage.run(['conformance', '--listen', '--wait', '1s', '--json'])
      expect(alone).toMatchObject({ code: 4, stderr: expect.stringContaining('no agent has come') })
    }),
)
