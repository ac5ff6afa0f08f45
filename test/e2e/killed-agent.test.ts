import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { onStage } from '../support/on-stage.ts'
import { groupMembers, groupOf } from '../support/proc.ts'
import type { Stage } from '../support/stage.ts'
import { Ticker } from '../support/ticker.ts'
import { waitUntil } from '../support/wait-until.ts'

const flags = ['--test-timings', '--lease', '60s']
const agent = { name: 'steady', data: true }

/** Starts an agent that is to die at a place, and waits until it has. */
async function untilItDies(stage: Stage, where: string): Promise<void> {
  const running = await stage.startAgent({ ...agent, env: { DRUMLINE_TEST_CRASH: where } })
  expect(await running.finished(60_000)).toMatchObject({ signal: 'SIGKILL' })
  await stage.killAgent(agent.name)
}

describe.concurrent('an agent that is killed and started again over the same data', { timeout: 120_000 }, () => {
  test.each(['agent.result.journaled', 'agent.done.answered'])(
    'at %s: delivers the result, and nothing runs again',
    (where) =>
      onStage(async (stage) => {
        await stage.serve(...flags)
        const ticker = await Ticker.submit(stage)
        ticker.letGo()
        await untilItDies(stage, where)
        await stage.agent(agent)
        await ticker.expectOnce()
      }),
  )

  test('with its server down: delivers result and lines when both are back', () =>
    onStage(async (stage) => {
      const { process } = await stage.serve(...flags)
      const first = await stage.agent(agent)
      const ticker = await Ticker.submit(stage)
      await ticker.ticked(10)
      await process.kill()
      ticker.letGo()
      await waitUntil(() => readFileSync(stage.path('data-steady/journal')).includes('"result"'), {
        limitMs: 30_000,
        what: 'the result in the journal',
      })
      await first.kill()
      await stage.killAgent(agent.name)
      await stage.serve(...flags)
      await stage.agent(agent)
      await ticker.expectOnce()
    }))

  test('while a step runs: kills it, delivers what it had said, and the workflow runs once more', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const first = await stage.agent(agent)
      // Its output is nobody's once the agent is dead: that alone does not end it.
      const [runs, gate] = [stage.path('runs'), stage.path('gate')]
      const id = await stage.submit(`
steps:
  - name: quiet
    commands: |
      trap '' PIPE TERM HUP
      echo "begun $DRUMLINE_ATTEMPT"
      echo "$$" >> ${runs}
      until [ -e ${gate} ]; do sleep 0.05; done
      echo "ended $DRUMLINE_ATTEMPT"
`)
      const [orphan] = await started(runs, 1)
      await stage.watch.until(id, ({ steps }) => (steps[0]?.lines ?? 0) > 0, { what: 'its first line' })
      await first.kill()
      await stage.killAgent(agent.name)
      expect(isAlive(orphan)).toBe(true)

      await stage.startAgent(agent)
      // Whoever comes second finds the first gone.
      await started(runs, 2)
      expect(isAlive(orphan)).toBe(false)
      writeFileSync(gate, '')
      expect(await stage.watch.ended(id)).toMatchObject({ state: 'success', attempt: 2, logs: 'complete' })
      expect((await stage.run(['logs', id])).stdout).toBe('begun 2\nended 2\n')
      expect((await stage.run(['logs', id, '--attempt', '1'])).stdout).toBe('begun 1\n')
    }))

  test('while it is being accepted, or before anything has begun: the workflow runs once', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const ticker = await Ticker.submit(stage)
      ticker.letGo()
      await untilItDies(stage, 'agent.lease.journaled')
      await untilItDies(stage, 'agent.init.answered')
      await stage.agent(agent)
      const { attempt } = await stage.watch.ended(ticker.id, 60_000)
      expect(ticker.executions()).toEqual([attempt])
      await ticker.expectWholeLog(attempt)
    }))

  test('is refused while the first one lives', () =>
    onStage(async (stage) => {
      await stage.serve(...flags)
      const first = await stage.agent(agent)
      const second = stage.start(['agent', '--url', stage.server.url, '--data', stage.path('data-steady')], {
        DRUMLINE_TOKEN: await stage.agentToken(),
      })
      expect(await second.finished()).toMatchObject({ code: 2 })
      expect(second.stderr()).toContain(`data-steady: it is in use by process ${first.pid}`)
    }))
})

describe('a server whose disk was restored from an older backup', { timeout: 120_000 }, () => {
  test('tells an agent that its lease is lost, which both say; the step is ended, and the agent works on', () =>
    onStage(async (stage) => {
      const { process } = await stage.serve(...flags)
      const running = await stage.agent(agent)
      process.signal('SIGTERM')
      await process.finished()
      cpSync(stage.data, stage.path('backup'), { recursive: true })
      const { process: second } = await stage.serve(...flags)
      await stage.online(agent.name)
      const ticker = await Ticker.submit(stage, { flags: ['--grace', '1s'] })
      await ticker.ticked(5)

      await second.kill()
      rmSync(stage.data, { recursive: true })
      cpSync(stage.path('backup'), stage.data, { recursive: true })
      const { process: third } = await stage.serve(...flags)
      await waitUntil(() => running.stderr().includes('the server does not know this lease'), { limitMs: 60_000 })
      await waitUntil(() => third.stderr().includes('leases that are given up, or unknown here'), { limitMs: 10_000 })
      const next = await Ticker.submit(stage, { name: 'next' })
      next.letGo()
      await next.expectOnce()
      const { code } = await stage.run(['show', ticker.id])
      expect(code).toBe(4)
      expect(ticker.executions()).toEqual([1])
    }))
})

/** The process ids of the step's executions, once there are so many. */
async function started(file: string, count: number): Promise<number[]> {
  const pids = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number) : [])
  await waitUntil(() => pids().length >= count, { limitMs: 30_000, what: `${count} executions` })
  return pids()
}

function isAlive(pid: number | undefined): boolean {
  return pid !== undefined && groupMembers(groupOf(pid)).includes(pid)
}
