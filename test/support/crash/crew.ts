import { connect, type Job, type RunningAgent, runAgent } from '../../../src/agent/index.ts'
import type { DialOptions } from '../../../src/socket/index.ts'
import type { Random } from '../random.ts'
import type { MortalServer } from './mortal-server.ts'

/** Tries again soon: what is tried here is the server. */
const SOON = () => 0.01

/** What the work itself knows of its executions, whatever the server says. */
export class Crew {
  readonly #server: MortalServer
  readonly #token: string
  readonly #random: Random
  readonly #agents: RunningAgent[] = []
  readonly #executions = new Map<string, number[]>()
  readonly #running = new Set<string>()
  #visits = 0
  /** Anything that must never happen. */
  readonly faults: string[] = []

  constructor(server: MortalServer, token: string, random: Random) {
    this.#server = server
    this.#token = token
    this.#random = random
  }

  /** Takes agents on. */
  hire(...names: string[]): void {
    for (const name of names) {
      const options = this.#options(name)
      const agent = runAgent({ ...options, agent: { name, capacity: 2 }, run: (job) => this.#run(job, agent) })
      this.#agents.push(agent)
    }
  }

  /** The attempts of a workflow whose work has begun, in order. */
  executions(id: string): number[] {
    return this.#executions.get(id) ?? []
  }

  isRunning(id: string): boolean {
    return this.#running.has(id)
  }

  /** An agent comes, and is gone again. */
  async visit(): Promise<void> {
    const peer = connect({ ...this.#options('visitor'), agent: { name: `visitor-${++this.#visits}` } })
    await peer.ready()
    await peer.close()
  }

  /** All leave, having delivered everything. */
  async leave(): Promise<void> {
    await Promise.all(this.#agents.splice(0).map((agent) => agent.drain()))
  }

  async dismiss(): Promise<void> {
    await Promise.all(this.#agents.splice(0).map(({ peer }) => peer.close()))
  }

  #options(name: string) {
    const warn = (fields: object, text: string) => void this.faults.push(`${name}: ${text} ${JSON.stringify(fields)}`)
    return {
      url: 'ws://server.test',
      token: this.#token,
      random: SOON,
      dial: (_url: URL | string, options: DialOptions) => this.#server.dial(options),
      log: { info: () => {}, warn: isAboutOutage(warn), error: warn },
    }
  }

  /** The first step talks, the second ends at once. Work named `endless` waits for its cancel in between. */
  async #run(job: Job, agent: RunningAgent): Promise<void> {
    const { workflowId, attempt, workflow } = job.offer
    if (this.#running.has(workflowId)) this.faults.push(`${workflow.name} runs twice at once`)
    this.#running.add(workflowId)
    this.#executions.set(workflowId, [...this.executions(workflowId), attempt])
    try {
      const isTold = job.secrets.WORD === workflow.environment.EXPECTED
      if (workflow.secrets.length > 0 && !isTold) this.faults.push(`${workflow.name} was not told its secret`)
      await job.step('talk').run((log) => this.#talk(job, agent, log))
      if (!job.signal.aborted) await job.step('end').run((log) => log(`end of ${attempt}`))
    } finally {
      this.#running.delete(workflowId)
    }
  }

  async #talk(job: Job, agent: RunningAgent, log: (text: string) => void): Promise<void> {
    const { attempt, workflow } = job.offer
    const { signal } = job
    const lines = Number(workflow.environment.LINES)
    for (let line = 1; line <= lines; line++) {
      log(`line ${line} of ${attempt}`)
      if (this.#random.next() < 0.2) await pause(this.#random.between(0, 60), signal)
    }
    // A lost server is no reason to stop.
    if (!signal.aborted) await agent.peer.extend(job.offer, { signal }).catch(() => {})
    if (workflow.name.startsWith('endless')) await pause(undefined, signal)
  }
}

/** An outage is what is tried. */
function isAboutOutage(warn: (fields: object, text: string) => void) {
  return (fields: object, text: string) => {
    if (!/server/.test(text)) warn(fields, text)
  }
}

/** Real time passes, since processes are at work in it; until the signal at most. */
function pause(ms: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = ms === undefined ? undefined : setTimeout(() => wake(), ms)
    const wake = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    signal.addEventListener('abort', wake, { once: true })
  })
}
