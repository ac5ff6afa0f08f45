import type { Labels } from '../../protocol/index.ts'
import { type Agent, type Bench, canServe, type Waiting } from './bench.ts'
import type { LabelSet, LabelSets } from './label-sets.ts'
import { agentKey } from './matching.ts'

/** Who waits for work: the open `next`s of all connections of this server. */
export class Seats {
  readonly #sets: LabelSets
  readonly #agents = new Map<string, Agent>()
  /** Where each open `next` stands; those reserved for a pair have left their bench but are still open. */
  readonly #open = new Map<string, { waiting: Waiting; order: number; bench: Bench | null }>()
  #order = 0

  constructor(sets: LabelSets) {
    this.#sets = sets
  }

  get size(): number {
    return this.#open.size
  }

  open(waiting: Waiting): void {
    if (this.#open.has(waiting.id)) return
    const place = { waiting, order: ++this.#order, bench: null }
    this.#open.set(waiting.id, place)
    this.#agent(waiting.agentId).asks.add(waiting.id)
    this.#sit(place)
  }

  /** Aborted or answered. True if it was open. */
  close(id: string): boolean {
    const place = this.#open.get(id)
    if (place === undefined) return false
    this.#open.delete(id)
    const agent = this.#agent(place.waiting.agentId)
    agent.asks.delete(id)
    if (place.bench !== null) this.#stand(place.bench, id)
    this.#tidy(agent)
    return true
  }

  /** All of one agent, or those of one of its connections. */
  drop(agentId: string, connection?: number): void {
    for (const id of [...(this.#agents.get(agentId)?.asks ?? [])]) {
      if (connection === undefined || this.#open.get(id)?.waiting.connection === connection) this.close(id)
    }
  }

  pick(set: LabelSet, excluded: ReadonlySet<string>): Bench | undefined {
    return this.#sets.pick(set, excluded)
  }

  /** Takes the longest waiting off the bench: it stays open, but is not matched. */
  reserve(bench: Bench): Waiting | undefined {
    const seat = bench.seats[0]
    if (seat === undefined) return undefined
    const place = this.#open.get(seat.waiting.id)
    if (place !== undefined) place.bench = null
    this.#stand(bench, seat.waiting.id)
    return seat.waiting
  }

  /** Undoes `reserve`, unless it was closed meanwhile. */
  restore(waiting: Waiting): void {
    const place = this.#open.get(waiting.id)
    if (place !== undefined && place.bench === null) this.#sit(place)
  }

  /** An agent was given a workflow, or is rid of it. */
  hold(agentId: string, workflowId: string, held: boolean): void {
    const agent = held ? this.#agent(agentId) : this.#agents.get(agentId)
    if (agent === undefined) return
    if (held) agent.holds.add(workflowId)
    else agent.holds.delete(workflowId)
    this.#refresh(agent)
  }

  set(agentId: string, flags: Partial<Pick<Agent, 'schedulable' | 'draining' | 'silent'>>): void {
    const agent = this.#agent(agentId)
    Object.assign(agent, flags)
    this.#refresh(agent)
  }

  /** Forgets an agent altogether. */
  remove(agentId: string): void {
    this.drop(agentId)
    this.#agents.delete(agentId)
  }

  /** What is known of an agent here. */
  agent(agentId: string): Readonly<Agent> | undefined {
    return this.#agents.get(agentId)
  }

  /** The labels under which the agent asks for work right now. */
  asking(agentId: string): Labels[] {
    return [...(this.#agents.get(agentId)?.benches.values() ?? [])].filter(canServe).map(({ labels }) => labels)
  }

  #agent(id: string): Agent {
    const found = this.#agents.get(id)
    if (found !== undefined) return found
    const agent: Agent = {
      id,
      schedulable: true,
      draining: false,
      silent: false,
      asks: new Set(),
      holds: new Set(),
      benches: new Map(),
    }
    this.#agents.set(id, agent)
    return agent
  }

  #sit(place: { waiting: Waiting; order: number; bench: Bench | null }): void {
    const agent = this.#agent(place.waiting.agentId)
    const bench = this.#bench(agent, place.waiting.labels)
    const at = bench.seats.findIndex(({ order }) => order > place.order)
    bench.seats.splice(at === -1 ? bench.seats.length : at, 0, { waiting: place.waiting, order: place.order })
    place.bench = bench
    bench.cohort?.refresh(bench)
  }

  #bench(agent: Agent, labels: Labels): Bench {
    const key = agentKey(labels)
    const found = agent.benches.get(key)
    if (found !== undefined) return found
    const bench: Bench = { agent, key, labels, seats: [], cohort: null, slot: -1 }
    agent.benches.set(key, bench)
    this.#sets.join(bench)
    return bench
  }

  #stand(bench: Bench, id: string): void {
    const at = bench.seats.findIndex(({ waiting }) => waiting.id === id)
    if (at !== -1) bench.seats.splice(at, 1)
    bench.cohort?.refresh(bench)
    if (bench.seats.length > 0) return
    bench.agent.benches.delete(bench.key)
    this.#sets.leave(bench)
  }

  #refresh(agent: Agent): void {
    for (const bench of agent.benches.values()) bench.cohort?.refresh(bench)
    this.#tidy(agent)
  }

  /** An agent of which nothing is known needs no record. */
  #tidy(agent: Agent): void {
    const plain = agent.schedulable && !agent.draining && !agent.silent
    if (plain && agent.holds.size === 0 && agent.asks.size === 0) this.#agents.delete(agent.id)
  }
}
