import { type Job, type RunningAgent, runAgent } from '../../src/agent/index.ts'
import type { Clock, Log, Port } from '../../src/protocol/index.ts'

/** One execution of a workflow: it ends when it is told to, or stops at once. */
export class Work {
  readonly job: Job
  readonly ended: Promise<void>
  lines = 0
  active = true
  #end: () => void = () => {}

  constructor(job: Job) {
    this.job = job
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    job.signal.addEventListener('abort', () => this.end(), { once: true })
  }

  get name(): string {
    const { workflow, attempt } = this.job.offer
    return `${workflow.name} attempt ${attempt}`
  }

  write(lines: number): void {
    if (!this.active) return
    const from = this.lines + 1
    this.lines += lines
    const text = Array.from({ length: lines }, (_, at) => textOf(from + at, this.job.offer.attempt)).join('\n')
    this.job.step('work').write('out', text)
  }

  end(): void {
    this.#end()
  }
}

export function textOf(line: number, attempt: number): string {
  return `line ${line} of ${attempt}`
}

interface CrewParts {
  clock: Clock
  log: Log
  dial: (name: string) => Port
  fault: (what: string) => void
}

/** Agents whose work is in the hands of the test, which remembers all of it. */
export class Crew {
  readonly works: Work[] = []
  readonly #parts: CrewParts
  readonly #agents = new Map<string, RunningAgent>()

  constructor(parts: CrewParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#agents.size
  }

  get names(): string[] {
    return [...this.#agents.keys()]
  }

  get active(): Work[] {
    return this.works.filter(({ active }) => active)
  }

  hire(): void {
    const { clock, log, dial } = this.#parts
    const name = `agent ${this.size}`
    const agent = runAgent({
      url: 'ws://server.test',
      token: 'dl_token',
      agent: { name, capacity: 2 },
      clock,
      log,
      random: () => 0.5,
      dial: async () => dial(name),
      run: (job) => this.#run(job),
    })
    agent.finished.catch((error: unknown) => this.#parts.fault(`${name} has given up: ${error}`))
    this.#agents.set(name, agent)
  }

  /** All work that is wanted is done; resolves when everybody has left. */
  async leave(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.drain()))
  }

  async #run(job: Job): Promise<void> {
    const { workflowId, attempt, workflow } = job.offer
    for (const { job: other, active } of this.works) {
      if (other.offer.workflowId !== workflowId) continue
      if (active) this.#parts.fault(`${workflow.name} runs twice at once`)
      if (other.offer.attempt === attempt) this.#parts.fault(`attempt ${attempt} of ${workflow.name} runs twice`)
    }
    const work = new Work(job)
    this.works.push(work)
    job.step('work').start()
    await work.ended
    work.active = false
    if (!job.signal.aborted) job.step('work').end({ state: 'success' })
  }
}
