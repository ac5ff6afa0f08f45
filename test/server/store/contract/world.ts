import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AgentInfo,
  type BusError,
  type WorkflowDetail,
  type WorkflowSpec,
  workflowSpec,
} from '../../../../src/protocol/index.ts'
import { FakeClock } from '../../../support/fake-clock.ts'
import { Agent } from './agent.ts'
import type { Change, Credential, HelloAsk, Store } from './types.ts'

export interface Place {
  file: string
  clock: FakeClock
  leaseMs: number
  testTimings: boolean
  keepMs?: number
}

/** Opens the store under test, in this file if it keeps files. */
export type OpenStore = (place: Place) => Promise<Store>

const MINUTE = 60_000
const LEASE_MS = 5 * MINUTE

type Timings = Omit<Place, 'file' | 'clock'>

/** A store with a clock that stands still, and short words for what cases do again and again. */
export class World {
  readonly clock = new FakeClock()
  readonly changes: Change[] = []
  readonly #open: OpenStore
  readonly #folder = mkdtempSync(join(tmpdir(), 'drumline-store-'))
  readonly #timings: Timings
  #store: Store | undefined
  #ids = 0

  static async open(open: OpenStore, timings: Partial<Timings> = {}): Promise<World> {
    const world = new World(open, { leaseMs: LEASE_MS, testTimings: false, ...timings })
    await world.reopen()
    return world
  }

  private constructor(open: OpenStore, timings: Timings) {
    this.#open = open
    this.#timings = timings
  }

  get store(): Store {
    if (this.#store === undefined) throw new Error('the store is closed')
    return this.#store
  }

  /** As a server that ends and starts again. */
  async reopen(): Promise<void> {
    await this.#store?.close()
    this.#store = await this.#open({ file: join(this.#folder, 'test.db'), clock: this.clock, ...this.#timings })
    this.#store.onChange((changes) => this.changes.push(...changes))
  }

  async close(): Promise<void> {
    await this.#store?.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Submits one workflow and answers its id. */
  async submit(spec: Partial<WorkflowSpec> = {}, secrets: Record<string, string> = {}): Promise<string> {
    const id = `w${++this.#ids}`
    await this.store.submit([{ id, spec: specOf({ name: id, ...spec }) }], secrets)
    return id
  }

  /** Submits several in one call, each under its name as its id. */
  async submitAll(...specs: (Partial<WorkflowSpec> & { name: string })[]): Promise<void> {
    await this.store.submit(
      specs.map((spec) => ({ id: spec.name, spec: specOf(spec) })),
      {},
    )
  }

  /** A connected agent. */
  async agent(name = 'builder', ask: Partial<HelloAsk> = {}): Promise<Agent> {
    const agent = new Agent(this, name)
    await agent.connect(ask)
    return agent
  }

  /** A workflow that this agent runs. */
  async running(agent: Agent, spec: Partial<WorkflowSpec> = {}): Promise<{ id: string; lease: string }> {
    const id = await this.submit(spec)
    const lease = await agent.start(id)
    return { id, lease }
  }

  async get(id: string): Promise<WorkflowDetail> {
    const detail = await this.store.get(id)
    if (detail === null) throw new Error(`no workflow ${id}`)
    return detail
  }

  async state(id: string): Promise<string> {
    return (await this.get(id)).state
  }

  async states(...ids: string[]): Promise<string[]> {
    return Promise.all(ids.map((id) => this.state(id)))
  }

  /** Time goes by with the server there: it sweeps as it goes. */
  async pass(ms: number): Promise<Awaited<ReturnType<Store['sweep']>>> {
    const all = await this.store.sweep()
    const most = this.#timings.testTimings ? 500 : 10_000
    for (let left = ms; left > 0; left -= most) {
      this.clock.jump(Math.min(most, left))
      const { intents, lapsed, wasAway } = await this.store.sweep()
      all.intents.push(...intents)
      all.lapsed.push(...lapsed)
      all.wasAway ||= wasAway
    }
    return all
  }

  /** Removes whatever is due. */
  async pruneAll(): Promise<void> {
    while ((await this.store.prune()).more);
  }

  async credential(ask: Partial<Credential> = {}): Promise<string> {
    const { role = 'agent', name = 'fleet', labels = {} } = ask
    const tokenHash = `hash ${++this.#ids}`
    return (await this.store.createCredential({ role, name, labels, tokenHash })).id
  }
}

export function specOf(spec: Partial<WorkflowSpec> & { name: string }): WorkflowSpec {
  const steps = [
    { name: 'build', commands: ['make'] },
    { name: 'test', commands: ['make test'] },
  ]
  return workflowSpec({ steps, ...spec })
}

export function infoOf(name: string): AgentInfo {
  return { name, version: '1.0', platform: 'linux/amd64', backend: 'local', capacity: 2, labels: {} }
}

/** The error that a call rejects with; fails if it does not. */
export async function refusal(call: Promise<unknown>): Promise<BusError> {
  try {
    await call
  } catch (error) {
    return error as BusError
  }
  throw new Error('it was not refused')
}

export async function codeOf(call: Promise<unknown>): Promise<string> {
  return (await refusal(call)).code
}
