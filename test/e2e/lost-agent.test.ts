import { describe, expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import { Ticker } from '../support/ticker.ts'

const flags = ['--test-timings', '--lease', '5s']
const grace = ['--grace', '1s']

// They wait more than they compute, so they may run side by side.
describe.concurrent('an agent that is lost', { timeout: 90_000 }, () => {
  test('by SIGKILL: attempt 2 runs elsewhere, once, and its log is its own', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      await stage.agent({ name: 'first' })
      const ticker = await Ticker.submit(stage, { flags: grace })
      const { steps } = await ticker.ticked(10)
      await stage.killAgent('first')
      await stage.agent({ name: 'second' })

      const second = await ticker.ticked(5, 2)
      expect(second).toMatchObject({ state: 'running', agent: 'second' })
      ticker.letGo()
      expect(await stage.watch.ended(ticker.id)).toMatchObject({ state: 'success', attempt: 2, logs: 'complete' })
      expect(ticker.executions()).toEqual([1, 2])
      await ticker.expectWholeLog(2)
      const lost = await stage.run(['logs', ticker.id, '--attempt', '1'])
      const lines = lost.stdout.trimEnd().split('\n')
      expect(lines).toEqual(lines.map((_, at) => `tick ${at + 1} of 1`))
      // What was counted as stored holds the command's echo too.
      const stored = await stage.run(['logs', ticker.id, '--attempt', '1', '--commands'])
      expect(stored.stdout.trimEnd().split('\n').length).toBeGreaterThanOrEqual(steps[0]?.lines ?? 0)
    }))

  test('by SIGKILL with a workflow that may run only once: it ends in error and says so', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      await stage.agent({ name: 'first' })
      const ticker = await Ticker.submit(stage, { flags: grace, yaml: 'max_attempts: 1' })
      await ticker.ticked(5)
      await stage.killAgent('first')
      const ended = await stage.watch.until(ticker.id, ({ state }) => state === 'error', { what: 'giving up' })
      // Its log stays open for a while: the agent might come back with the rest of it.
      expect(ended).toMatchObject({
        attempt: 1,
        error: expect.stringContaining('gave up after 1 attempt'),
        logs: 'open',
      })
      expect((await stage.run(['show', ticker.id, '--json'])).code).toBe(0)
      expect(ticker.executions()).toEqual([1])
    }))

  test('to a long suspension: it stops its own work when it wakes, and writes nothing more', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const first = await stage.agent({ name: 'first' })
      const ticker = await Ticker.submit(stage, { flags: grace })
      await ticker.ticked(10)
      first.signal('SIGSTOP')
      await stage.agent({ name: 'second' })
      await ticker.ticked(5, 2)

      first.signal('SIGCONT')
      const third = await Ticker.submit(stage, { name: 'third', flags: grace })
      await third.ticked(5)
      expect(await stage.watch.get(third.id)).toMatchObject({ agent: 'first' })
      third.letGo()
      await third.expectOnce()

      ticker.letGo()
      expect(await stage.watch.ended(ticker.id)).toMatchObject({ state: 'success', attempt: 2, agent: 'second' })
      expect(ticker.executions()).toEqual([1, 2])
      await ticker.expectWholeLog(2)
    }))
})
