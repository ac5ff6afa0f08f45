import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { CRASH_POINTS, type CrashPoint, workflowSpec } from '../../../src/protocol/index.ts'
import { onStage } from '../on-stage.ts'
import { Random } from '../random.ts'
import type { RawEnd } from '../raw-end.ts'
import type { Running } from '../running.ts'
import type { Stage } from '../stage.ts'
import { shuffled } from './shuffled.ts'

const FLAGS = ['--test-timings', '--lease', '120s']
const AGENT = { name: 'mortal', data: true }
const DEATH_MS = 180_000
const POINTS = (Object.keys(CRASH_POINTS) as CrashPoint[]).filter((point) => point.startsWith('agent.'))

interface Subject {
  readonly id: string
  readonly runs: string
}

/** An agent over one data directory dies once at every place there is, in an order that the seed gives. */
export function dieAsAgent(seed: number): Promise<void> {
  return onStage(async (stage) => {
    await stage.serve(...FLAGS)
    await new AgentLife(stage, await stage.operator(), new Random(seed)).live()
  })
}

class AgentLife {
  readonly #stage: Stage
  readonly #random: Random
  readonly #operator: RawEnd
  readonly #subjects: Subject[] = []

  constructor(stage: Stage, operator: RawEnd, random: Random) {
    this.#stage = stage
    this.#operator = operator
    this.#random = random
  }

  async live(): Promise<void> {
    for (const point of shuffled(POINTS, this.#random)) await this.#dieAt(point)
    await this.#stage.agent(AGENT)
    for (const subject of this.#subjects) await this.#judge(subject)
  }

  /** There is always something to do, until it is dead. */
  async #dieAt(point: CrashPoint): Promise<void> {
    const where = `${point}:${this.#random.between(1, 2)}`
    const agent = await this.#stage.startAgent({ ...AGENT, env: { DRUMLINE_TEST_CRASH: where } })
    while (agent.ended === undefined) await this.#give(agent)
    expect(agent.ended, where).toEqual({ code: null, signal: 'SIGKILL' })
    await this.#stage.killAgent(AGENT.name)
  }

  async #give(agent: Running): Promise<void> {
    const runs = this.#stage.path(`runs-${this.#subjects.length}`)
    const say = `echo $DRUMLINE_ATTEMPT >> ${runs}; for line in 1 2 3 4 5; do echo "line $line of $DRUMLINE_ATTEMPT"; done`
    const steps = [
      { name: 'say', commands: [say] },
      { name: 'end', commands: ['echo "end of $DRUMLINE_ATTEMPT"'] },
    ]
    const workflow = workflowSpec({ name: 'short', maxAttempts: 100, graceMs: 1000, steps })
    const { workflows } = await this.#operator.call('submit', { workflows: [workflow], secrets: {} })
    const [{ id } = { id: '' }] = workflows
    this.#subjects.push({ id, runs })
    await Promise.race([this.#stage.watch.ended(id, DEATH_MS), agent.finished(DEATH_MS)])
  }

  async #judge({ id, runs }: Subject): Promise<void> {
    const { state, attempt, logs } = await this.#stage.watch.ended(id, DEATH_MS)
    expect({ state, logs }).toEqual({ state: 'success', logs: 'complete' })
    // One after the other, each at most once, and the last of them is the one that counts.
    const begun = existsSync(runs) ? readFileSync(runs, 'utf8').trim().split('\n').map(Number) : []
    expect(begun).toEqual([...new Set(begun)].sort((a, b) => a - b))
    expect(begun.at(-1)).toBe(attempt)
    const said = [1, 2, 3, 4, 5].map((line) => `line ${line} of ${attempt}`)
    expect((await this.#stage.watch.log(id, attempt)).output).toEqual([...said, `end of ${attempt}`])
  }
}
