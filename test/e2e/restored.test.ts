import { cpSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import { Ticker } from '../support/ticker.ts'

const flags = ['--test-timings', '--lease', '60s']

test(
  'work that ran when the backup was taken goes on after it is restored, and the lines since are named as missing',
  { timeout: 180_000 },
  () =>
    onStage(async (stage) => {
      const { process: first } = await stage.serve(...flags)
      await stage.agent({ name: 'steady' })
      const ticker = await Ticker.submit(stage, { flags: ['--grace', '1s'] })
      await ticker.ticked(20)
      first.signal('SIGTERM')
      await first.finished(70_000)
      cpSync(stage.data, stage.path('backup'), { recursive: true })

      const { process: second } = await stage.serve(...flags)
      await stage.online('steady')
      const before = await ticker.ticked(60)
      // Whoever leaves well has told what is stored: the agent has forgotten these lines.
      second.signal('SIGTERM')
      await second.finished(70_000)
      rmSync(stage.data, { recursive: true })
      cpSync(stage.path('backup'), stage.data, { recursive: true })
      await stage.serve(...flags)
      await stage.online('steady')
      ticker.letGo()

      const ended = await stage.watch.ended(ticker.id, 90_000)
      expect(ended).toMatchObject({ state: 'success', attempt: 1, logs: 'incomplete' })
      expect(ticker.executions()).toEqual([1])
      const { missing, steps } = ended
      expect(missing).toMatchObject([{ stepId: steps[0]?.id, reason: expect.stringContaining('an older one') }])
      const [gap] = missing
      const from = gap?.from ?? Number.NaN
      const to = gap?.to ?? Number.NaN
      expect(from).toBeGreaterThan(20)
      expect(to).toBeGreaterThanOrEqual(before.steps[0]?.lines ?? Number.NaN)
      // Each line that is not named is there, once and in order.
      const { stdout } = await stage.run(['logs', ticker.id, '--step', 'tick', '--commands'])
      const ticks = [...stdout.matchAll(/^tick (\d+) of 1$/gm)].map(([, at]) => Number(at))
      const made = (steps[0]?.lines ?? 0) - (stdout.split('\n').length - 1 - ticks.length)
      expect(ticks.length).toBeGreaterThan(0)
      expect(made - ticks.length).toBe(to - from + 1)
      expect(ticks).toEqual([...new Set(ticks)].sort((a, b) => a - b))
    }),
)
