import { Phase, WORKFLOW_STATES, type WorkflowStateName } from '../../../../src/protocol/index.ts'
import { Random } from '../../../support/random.ts'
import type { Agent } from './agent.ts'
import { refusal, type World } from './world.ts'

/** What a refused call may be refused as: anything else is a fault of the store. */
const REFUSALS = ['stale_lease', 'already_done', 'not_found', 'bad_request']
const GROUPS = [{}, { concurrency: { group: 'one', limit: 1 } }, { concurrency: { group: 'two', limit: 2 } }]

/** Agents, operators and time do as they like with a few workflows, also what nobody sensible would do. */
export class RandomLife {
  readonly #world: World
  readonly #random: Random
  readonly #agents: Agent[] = []
  readonly #ids: string[] = []
  readonly #leases: { lease: string; id: string; agent: Agent }[] = []
  readonly faults: string[] = []

  constructor(world: World, seed: number) {
    this.#world = world
    this.#random = new Random(seed)
  }

  async live(deeds: number): Promise<void> {
    for (const name of ['a', 'b', 'c']) this.#agents.push(await this.#world.agent(name))
    for (const agent of this.#agents) this.#leases.push({ ...(await this.#world.running(agent)), agent })
    this.#ids.push(...this.#leases.map(({ id }) => id))
    for (let deed = 0; deed < deeds; deed++) {
      await this.#deed()
      if (deed % 4 === 0) await this.#look(deed)
    }
  }

  async #deed(): Promise<void> {
    const done = this.#random.pick([this.#submit, this.#offer, this.#offer, this.#accept, this.#accept, this.#report])
    const rare = this.#random.pick([
      this.#cancel,
      this.#requeue,
      this.#hello,
      this.#drop,
      this.#pass,
      this.#receipt,
      this.#prune,
    ])
    await this.#allow(() => (this.#random.next() < 0.7 ? done : rare).call(this))
  }

  async #allow(call: () => Promise<unknown>): Promise<void> {
    try {
      await call()
    } catch (error) {
      const code = (await refusal(Promise.reject(error))).code
      if (!REFUSALS.includes(code)) this.faults.push(`${code}: ${error}`)
    }
  }

  async #submit(): Promise<void> {
    const parents = this.#ids.filter(() => this.#random.next() < 0.1).slice(0, 3)
    const id = await this.#world.submit({
      dependsOn: parents,
      runsOn: this.#random.pick([[], ['failure'], ['success', 'failure']]),
      maxAttempts: this.#random.between(1, 3),
      onOutage: this.#random.pick(['stop', 'continue']),
      ...this.#random.pick(GROUPS),
    })
    this.#ids.push(id)
  }

  async #offer(): Promise<void> {
    const agent = this.#random.pick(this.#agents)
    const offer = await this.#world.store.offer(this.#random.pick(this.#ids), agent.by)
    if (offer !== null) this.#leases.push({ lease: offer.lease, id: offer.workflowId, agent })
  }

  async #accept(): Promise<void> {
    const { lease, agent } = this.#random.pick(this.#leases.slice(-6))
    await agent.accept(lease)
  }

  async #report(): Promise<void> {
    const { lease, agent } = this.#random.pick(this.#leases.slice(-8))
    const line = this.#random.between(1, 4)
    await this.#random.pick([
      () => agent.update(lease, { state: 'running' }),
      () => agent.log(lease, 's1', line, ['a', 'b']),
      () => agent.gap(lease, 's1', line, line + 1),
      () => agent.extend(lease, this.#random.pick(Phase.options)),
      () => agent.finish(lease, { s1: this.#random.pick(['success', 'failure']) }, { lines: { s1: line } }),
      () => this.#world.store.decline(agent.by, lease, 'no'),
    ])()
  }

  async #receipt(): Promise<void> {
    const { lease, agent } = this.#random.pick(this.#leases)
    const phase = this.#random.pick(['received', 'stopping', 'stopped'] as const)
    await this.#world.store.receipt(agent.by, lease, this.#random.between(0, 3), phase)
  }

  async #cancel(): Promise<void> {
    await this.#world.store.requestCancel([this.#random.pick(this.#ids), this.#random.pick(this.#ids)], 'no more')
  }

  async #requeue(): Promise<void> {
    await this.#world.store.requeue(this.#random.pick(this.#ids))
  }

  /** A new connection, sometimes of a new boot that replaces the old, which claims what it likes. */
  async #hello(): Promise<void> {
    const agent = this.#random.pick(this.#agents)
    const own = this.#leases.slice(-8).filter(() => this.#random.next() < 0.5)
    const claims = own.map(({ lease }) => ({
      lease,
      phase: this.#random.pick(Phase.options),
      steps: [{ stepId: 's1', next: this.#random.between(1, 5) }],
    }))
    const anew = this.#random.next() < 0.3
    await agent.connect({
      claims,
      ...(anew && { boot: `${agent.name} ${this.#leases.length} ${this.#random.next()}`, replaces: [agent.boot] }),
    })
  }

  async #drop(): Promise<void> {
    await this.#world.store.disconnected(this.#random.pick(this.#agents).by)
  }

  async #pass(): Promise<void> {
    await this.#world.pass(this.#random.pick([1_000, 11_000, 60_000, 320_000]))
  }

  async #prune(): Promise<void> {
    await this.#world.store.prune()
  }

  /** Whatever happened: what the store says of itself agrees. */
  async #look(deed: number): Promise<void> {
    const { store } = this.#world
    const { workflows } = await store.list({ limit: 10_000 })
    const by = (state: WorkflowStateName) => workflows.filter((one) => one.state === state).length
    const { pending, waiting, offered, running } = await store.queueInfo()
    const counted = [pending, waiting, offered, running].join()
    const listed = [by('pending'), by('waiting'), by('offered'), by('running')].join()
    if (counted !== listed) this.faults.push(`deed ${deed}: counts ${counted}, lists ${listed}`)
    const { agents } = await store.listAgents({ limit: 10 })
    const held = agents.reduce((sum, agent) => sum + agent.running, 0)
    if (held !== offered + running) this.faults.push(`deed ${deed}: agents hold ${held} of ${offered + running}`)
    const { rows } = await store.loadQueue(0, 10_000)
    for (const [group, limit] of [['one', 1] as const, ['two', 2] as const]) {
      const busy = rows.filter(({ lane, state }) => lane?.group === group && state !== 'pending').length
      if (busy > limit) this.faults.push(`deed ${deed}: ${busy} of group ${group} at once`)
    }
  }

  /** Left alone, with nobody there any more, everything that began comes to rest. */
  async comeToRest(): Promise<Partial<Record<WorkflowStateName, number>>> {
    for (const agent of this.#agents) await this.#world.store.disconnected(agent.by)
    await this.#world.pass(3 * 3_600_000)
    const { workflows } = await this.#world.store.list({ limit: 10_000 })
    const counts = WORKFLOW_STATES.map(
      (state) => [state, workflows.filter((one) => one.state === state).length] as const,
    )
    return Object.fromEntries(counts)
  }
}
