import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Job } from '../../src/agent/index.ts'
import { BothEnds, type Hand } from '../support/both-ends.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { onStage } from '../support/on-stage.ts'
import { groupMembers } from '../support/proc.ts'
import type { Running } from '../support/running.ts'
import type { Stage } from '../support/stage.ts'
import { Ticker } from '../support/ticker.ts'
import { waitUntil } from '../support/wait-until.ts'

const SLOW = { limitMs: 90_000 }

describe('an agent that is suspended beyond its lease and wakes, on a clock of its own,', () => {
  test.each(['timers', 'socket'] as const)(
    'its %s first: stops its work at once, and writes nothing',
    async (first) => {
      const night = await suspended()
      const { zombie, job, clock } = night
      if (first === 'timers') await clock.advance(1_000)
      else zombie.wire.release()
      job.steps[0]?.write('out', 'after\n'.repeat(1_000))
      await dawn(night)
      expect(job.signal.reason).toMatchObject({ why: 'lost', graceMs: 0 })
    },
  )

  test('and ends its work in the same moment: the result is refused', async () => {
    const night = await suspended()
    night.job.steps[0]?.write('out', 'after\n'.repeat(1_000))
    await night.zombie.finish(night.job)
    await dawn(night)
  })
})

interface Night {
  both: BothEnds
  clock: FakeClock
  zombie: Hand
  other: Hand
  id: string
  job: Job
  again: Job
}

/** An agent that does nothing for longer than its lease, while another has taken its work; its own clock has just jumped. */
async function suspended(): Promise<Night> {
  const both = await BothEnds.open()
  const clock = new FakeClock()
  const zombie = await both.agent('anvil', { clock })
  const other = await both.agent('bellows')
  const { id, job } = await both.working(zombie, { leaseMs: 60_000 })
  job.steps[0]?.write('out', 'before')
  await clock.advance(1_000)
  zombie.wire.hold()
  await both.pass(90_000)
  const [again] = other.jobs
  if (again === undefined) throw new Error('nobody has taken the work')
  expect(again.offer).toMatchObject({ workflowId: id, attempt: 2 })
  clock.jump(90_000)
  return { both, clock, zombie, other, id, job, again }
}

/** Everything that was held up arrives; what came of it is as if the first had never woken. */
async function dawn({ both, clock, zombie, other, id, again }: Night): Promise<void> {
  zombie.wire.release()
  for (let at = 0; at < 30; at++) await Promise.all([clock.advance(1_000), both.pass(1_000)])
  expect(await both.show(id)).toMatchObject({ state: 'running', attempt: 2, agent: 'bellows' })
  expect(await both.lines(id, 2)).toEqual([])
  await other.finish(again)
  await both.pass(1_000)
  expect(await both.show(id)).toMatchObject({ state: 'success', attempt: 2, agent: 'bellows' })
  expect([zombie.jobs.length, other.jobs.length]).toEqual([1, 1])
  const { id: next } = await both.working(zombie, { name: 'next' })
  expect(await both.show(next)).toMatchObject({ state: 'running', agent: 'anvil' })
}

describe.concurrent('between processes,', { timeout: 240_000 }, () => {
  test('a suspended agent that wakes after its work was moved ends what it left running', () =>
    onStage(async (stage) => {
      await stage.serve('--test-timings', '--lease', '12s')
      const zombie = await stage.agent({ name: 'zombie' })
      const pidFile = stage.path('pid')
      const file = `echo $$ > ${pidFile}-$DRUMLINE_ATTEMPT; exec sleep 600`
      const id = await stage.submit(`name: sleeper\nsteps:\n  - name: sleep\n    commands: ${file}\n`, '--grace', '1s')
      const group = await pidIn(`${pidFile}-1`)
      zombie.signal('SIGSTOP')
      await stage.agent({ name: 'second' })
      await pidIn(`${pidFile}-2`)
      zombie.signal('SIGCONT')
      await waitUntil(() => groupMembers(group).length === 0, { ...SLOW, what: 'the end of the old step' })
      await waitUntil(() => zombie.stderr().includes('the work is stopped before others may start it'), SLOW)
      expect(await stage.watch.get(id)).toMatchObject({ state: 'running', attempt: 2, agent: 'second' })
      expect((await stage.run(['cancel', id, '--wait'], {}, 60_000)).code).toBe(0)
    }))

  test('a second process of one name and credential is turned away, and says why; `agents` shows it', () =>
    onStage(async (stage) => {
      await stage.serve()
      await stage.agent({ name: 'twin' })
      const ticker = await Ticker.submit(stage)
      await ticker.ticked(5)
      const second = await twin(stage)
      await waitUntil(() => second.stderr().includes('no connection'), SLOW)
      expect(second.stderr()).toContain('another process with this name and credential is connected')
      expect(second.stderr()).toContain('give each its own --name')
      const { stdout } = await stage.run(['agents'])
      expect(stdout).toMatch(
        /another process of the name twin with the same credential was turned away .* ago; give each/,
      )
      expect(stage.server.process.stderr()).toContain('two processes use one agent name and credential')
      await ticker.ticked(30)
      ticker.letGo()
      await ticker.expectOnce(90_000)
      await second.kill()
    }))

  test('while the first is frozen the second is let in at its first try; the first, awake again, stays away', () =>
    onStage(async (stage) => {
      await stage.serve()
      const first = await stage.agent({ name: 'twin' })
      first.signal('SIGSTOP')
      const second = await twin(stage)
      await waitUntil(() => second.stderr().includes('connected'), SLOW)
      expect(second.stderr()).not.toContain('no connection')
      first.signal('SIGCONT')
      await waitUntil(() => first.stderr().includes('no connection'), SLOW)
      await waitUntil(() => stage.server.process.stderr().includes('two processes use one agent name'), SLOW)
      const ticker = await Ticker.submit(stage)
      await ticker.ticked(50)
      ticker.letGo()
      await ticker.expectOnce(90_000)
      // No flapping: neither has lost or won its place a second time.
      expect(second.stderr()).not.toContain('no connection')
      expect(first.stderr()).not.toContain('connected again')
      await first.kill()
      await second.kill()
    }))

  test('a process that was killed and started again is let in at once', () =>
    onStage(async (stage) => {
      await stage.serve()
      const first = await stage.agent({ name: 'twin' })
      await first.kill()
      const second = await twin(stage)
      await waitUntil(() => second.stderr().includes('connected'), SLOW)
      expect(second.stderr()).not.toContain('no connection')
      await second.kill()
    }))

  test('two machines with one credential and names of their own work side by side', () =>
    onStage(async (stage) => {
      await stage.serve()
      await Promise.all([stage.agent({ name: 'left' }), stage.agent({ name: 'right' })])
      const tickers = [await Ticker.submit(stage, { name: 'one' }), await Ticker.submit(stage, { name: 'two' })]
      const running = await Promise.all(tickers.map((ticker) => ticker.ticked(10)))
      expect(new Set(running.map(({ agent }) => agent))).toEqual(new Set(['left', 'right']))
      for (const ticker of tickers) ticker.letGo()
      for (const ticker of tickers) await ticker.expectOnce(90_000)
      expect((await stage.run(['agents'])).stdout).not.toContain('turned away')
    }))
})

/** A further process of the name, without waiting for it. */
async function twin(stage: Stage): Promise<Running> {
  const token = await stage.agentToken()
  return stage.start(['agent', '--url', stage.server.url, '--name', 'twin'], { DRUMLINE_TOKEN: token })
}

async function pidIn(file: string): Promise<number> {
  const read = () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0)
  return waitUntil(() => read() || null, { ...SLOW, what: file })
}
