import { existsSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { onStage } from './on-stage.ts'
import { Random } from './random.ts'
import type { Stage } from './stage.ts'

const FLAGS = ['--test-timings', '--lease', '4s']
const AGENTS = ['ann', 'bob']
const WORKFLOWS = 6
const MISHAPS = 6
const MISHAP = ['kill server', 'stop server', 'kill agent', 'stop agent', 'cancel'] as const

/** A workflow with its own file of executions, and what the server is known to have of it. */
interface Subject {
  id: string
  name: string
  lines: number
  /** Lines seen on disk, by attempt. */
  seen: Map<number, number>
  canceled: boolean
}

/** Workflows run while server and agents are killed and restarted at random; all must come out as promised. */
export function randomLife(seed: number): Promise<void> {
  return onStage(async (stage) => {
    const random = new Random(seed)
    const life = new Life(stage, random)
    await life.begin()
    for (let count = 0; count < MISHAPS; count++) {
      await life.pass(random.between(100, 1200))
      await life.suffer(random.pick(MISHAP))
    }
    await life.end()
  })
}

class Life {
  readonly #stage: Stage
  readonly #random: Random
  readonly #subjects: Subject[] = []
  readonly #diary: string[] = []

  constructor(stage: Stage, random: Random) {
    this.#stage = stage
    this.#random = random
  }

  async begin(): Promise<void> {
    await this.#stage.serve(...FLAGS)
    for (const name of AGENTS) await this.#stage.agent({ name, capacity: 2 })
    for (let number = 1; number <= WORKFLOWS; number++) {
      const name = `subject-${number}`
      const lines = this.#random.between(20, 120)
      const id = await this.#stage.submit(this.#yaml(name, lines), '--grace', '1s')
      this.#subjects.push({ id, name, lines, seen: new Map(), canceled: false })
    }
  }

  /** Lets real time pass: processes are at work in it. */
  pass(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms))
  }

  async suffer(mishap: (typeof MISHAP)[number]): Promise<void> {
    await this.#look()
    this.#diary.push(mishap)
    const signal = mishap.startsWith('kill') ? 'SIGKILL' : 'SIGTERM'
    if (mishap === 'cancel') return this.#cancel(this.#random.pick(this.#subjects))
    if (mishap.endsWith('server')) return this.#restartServer(signal)
    return this.#restartAgent(this.#random.pick(AGENTS), signal)
  }

  /** Waits for the end of all, and compares what is there with what was promised. */
  async end(): Promise<void> {
    for (const name of AGENTS) await this.#stage.online(name)
    for (const subject of this.#subjects) {
      try {
        await this.#judge(subject)
      } catch (error) {
        const now = JSON.stringify(await this.#stage.watch.get(subject.id))
        throw new Error(`${subject.name} after ${this.#diary.join(', ')}: ${now}`, { cause: error })
      }
    }
  }

  #yaml(name: string, lines: number): string {
    return `
name: ${name}
max_attempts: 100
steps:
  - name: work
    commands: |
      echo "$DRUMLINE_ATTEMPT" >> ${this.#stage.path(`${name}.runs`)}
      line=0
      while [ $line -lt ${lines} ]; do
        line=$((line + 1))
        echo "line $line of $DRUMLINE_ATTEMPT"
        sleep 0.03
      done
`
  }

  /** Notes which lines the server has: it may never lose one of them again. */
  async #look(): Promise<void> {
    for (const subject of this.#subjects) {
      const now = await this.#stage.watch.get(subject.id)
      if (now) subject.seen.set(now.attempt, now.steps[0]?.lines ?? 0)
    }
  }

  async #cancel(subject: Subject): Promise<void> {
    const operator = await this.#stage.operator()
    const { workflows } = await operator.call('cancel', { ids: [subject.id], reason: 'by chance' })
    if (workflows[0]?.already === false) subject.canceled = true
    await operator.close()
  }

  async #restartServer(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { process } = this.#stage.server
    process.signal(signal)
    await process.finished()
    await this.pass(this.#random.between(0, 800))
    await this.#stage.serve(...FLAGS)
  }

  async #restartAgent(name: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (signal === 'SIGKILL') await this.#stage.killAgent(name)
    else await this.#stage.stopAgent(name)
    await this.#stage.startAgent({ name, capacity: 2 })
  }

  async #judge({ id, name, lines, seen, canceled }: Subject): Promise<void> {
    const { state, attempt, logs } = await this.#stage.watch.ended(id, 60_000)
    expect(state).toBe(canceled ? 'canceled' : 'success')
    const file = this.#stage.path(`${name}.runs`)
    const runs = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map(Number) : []
    // Each attempt at most once, one after the other, and none that the server does not know.
    expect(runs).toEqual([...new Set(runs)].sort((a, b) => a - b))
    for (const run of runs) expect(run).toBeLessThanOrEqual(attempt)
    if (!canceled) {
      expect(logs).toBe('complete')
      expect(runs.at(-1)).toBe(attempt)
      expect((await this.#stage.watch.log(id, attempt)).output).toHaveLength(lines)
    }
    for (let number = 1; number <= attempt; number++) {
      const { output, stored } = await this.#stage.watch.log(id, number)
      expect(output).toEqual(output.map((_, at) => `line ${at + 1} of ${number}`))
      expect(stored).toBeGreaterThanOrEqual(seen.get(number) ?? 0)
    }
  }
}
