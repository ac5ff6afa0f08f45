import { onTestFinished } from 'vitest'
import { type Job, type RunningAgent, runAgent } from '../../src/agent/index.ts'
import { type Clock, silentLog, type WorkflowDetail } from '../../src/protocol/index.ts'
import { Session } from '../../src/server/session.ts'
import type { Credential, Store } from '../../src/server/store/store.ts'
import { DialError } from '../../src/socket/index.ts'
import { type House, openHouse } from '../server/support/house.ts'
import { settle } from './fake-clock.ts'
import { Wire } from './wire.ts'

const SWEEP_MS = 1_000

/** A real server and real agents, joined by wires in memory, on a clock that the test moves. */
export class BothEnds {
  readonly house: House
  readonly #credential: Credential

  private constructor(house: House, credential: Credential) {
    this.house = house
    this.#credential = credential
  }

  static async open(wrap?: (store: Store) => Store): Promise<BothEnds> {
    const house = await openHouse(wrap)
    return new BothEnds(house, await house.credential('agent'))
  }

  /** Starts an agent that works as its hands are told. */
  async agent(name: string, options: HandOptions = {}): Promise<Hand> {
    const hand = new Hand(name, this.house, this.#credential, options)
    onTestFinished(() => hand.agent.peer.close())
    await settle()
    return hand
  }

  /** Lets so much time pass, with the server looking after its deadlines all the while. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= SWEEP_MS) {
      await this.house.clock.advance(Math.min(SWEEP_MS, left))
      await this.house.sweep()
    }
    await settle()
  }

  /** A workflow that these hands are at work on. */
  async working(hand: Hand, more: Parameters<House['submit']>[0] = {}): Promise<{ id: string; job: Job }> {
    const id = await this.house.submit(more)
    await settle()
    const job = hand.jobs.at(-1)
    if (job?.offer.workflowId !== id) throw new Error(`${hand.name} has not taken ${id}`)
    return { id, job }
  }

  show(id: string): Promise<WorkflowDetail> {
    return this.house.show(id)
  }

  /** Every line that is stored of an attempt, by its text. */
  async lines(id: string, attempt: number): Promise<string[]> {
    const { parts } = await this.house.store.readLogs({ id, attempt, bytes: 1 << 20 })
    return parts.flatMap((part) => (part.kind === 'lines' ? part.text.trimEnd().split('\n') : [`gap ${part.from}`]))
  }
}

interface HandOptions {
  /** Of its own, for a process that is suspended; default the server's. */
  clock?: Clock
  /** Does not stop when it is told to. */
  stubborn?: boolean
}

/** One agent's process: the wires it has dialled, and the work in its hands. */
export class Hand {
  readonly name: string
  readonly agent: RunningAgent
  readonly wires: Wire[] = []
  readonly jobs: Job[] = []
  /** What it has said to its operator. */
  readonly said: { text: string; fields: object }[] = []
  /** No network: nobody answers a dial. */
  cut = false
  /** A network that swallows everything, on each new wire. */
  held = false
  readonly #ends = new Map<Job, () => void>()
  readonly #stubborn: boolean

  constructor(name: string, house: House, credential: Credential, { clock = house.clock, stubborn }: HandOptions) {
    this.name = name
    this.#stubborn = stubborn === true
    const say = (fields: object, text: string) => void this.said.push({ text, fields })
    this.agent = runAgent({
      url: 'ws://server.test',
      token: 'drl_token',
      agent: { name, capacity: 1, platform: 'linux/amd64', labels: {} },
      clock,
      random: () => 0.5,
      log: { ...silentLog, warn: say, error: say },
      dial: async () => {
        if (this.cut) throw new DialError('cannot reach ws://server.test: EHOSTUNREACH')
        const wire = new Wire()
        this.wires.push(wire)
        if (this.held) wire.hold()
        new Session(house.core, wire.server, { credential, login: null, address: '' })
        return wire.client
      },
      run: (job) => this.#run(job),
    })
  }

  get wire(): Wire {
    const wire = this.wires.at(-1)
    if (wire === undefined) throw new Error(`${this.name} has not dialled`)
    return wire
  }

  /** Ends the work of a job well. */
  async finish(job: Job): Promise<void> {
    for (const step of job.steps) step.end({ state: 'success' })
    this.#ends.get(job)?.()
    await settle()
  }

  /** Works until it is finished, or told to stop by the agent. */
  #run(job: Job): Promise<void> {
    this.jobs.push(job)
    for (const step of job.steps) step.start()
    return new Promise((resolve) => {
      this.#ends.set(job, resolve)
      if (!this.#stubborn) job.signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }
}
