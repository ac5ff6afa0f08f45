import type { Client } from '../../client/node.ts'
import {
  type AgentView,
  BusError,
  type FeedData,
  type QueueView,
  TREND,
  type TrendPoint,
  type WorkflowView,
} from '../../protocol/index.ts'
import { readPages } from '../read-pages.ts'

/** Workflows of which the end is shown. */
const ENDED = 20
/** Running workflows, and agents, that are read beside a snapshot, which holds only the first of all. */
const MOST = 2_000

/** What is shown: as the server says it is. */
export interface Overview {
  /** Null until it was told. */
  readonly queue: QueueView | null
  readonly agents: readonly AgentView[]
  /** Longest first. */
  readonly running: readonly WorkflowView[]
  /** Latest first. */
  readonly ended: readonly WorkflowView[]
  /** Null: not for this credential. */
  readonly points: readonly TrendPoint[] | null
}

interface Heard {
  changed(): void
  /** The server tells no more, for good. */
  broken(error: unknown): void
}

/** Follows agents, workflows, queue and trend of a server. */
export class Watch {
  readonly #client: Client
  readonly #agents = new Map<string, AgentView>()
  readonly #workflows = new Map<string, WorkflowView>()
  readonly #heard: Heard
  #queue: QueueView | null = null
  #points: TrendPoint[] | null = []

  constructor(client: Client, heard: Heard) {
    this.#client = client
    this.#heard = heard
  }

  /** Resolves once all of it was told. */
  async open(): Promise<void> {
    await Promise.all([
      this.#follow('queue', () => {}),
      this.#follow('agents', () => this.#agents.clear()),
      this.#follow('workflows', () => this.#workflows.clear()),
      this.#follow('trend', () => {
        this.#points = []
      }).catch((error: unknown) => {
        if (!(error instanceof BusError && error.code === 'forbidden')) throw error
        this.#points = null
      }),
    ])
    await this.#readOthers()
  }

  view(): Overview {
    const all = [...this.#workflows.values()]
    return {
      queue: this.#queue,
      agents: [...this.#agents.values()].sort((a, b) => a.name.localeCompare(b.name)),
      running: all.filter(({ state }) => state === 'running').sort((a, b) => timeOf(a.started) - timeOf(b.started)),
      ended: this.#ended(),
      points: this.#points,
    }
  }

  async #follow(topic: 'queue' | 'agents' | 'workflows' | 'trend', forget: () => void): Promise<void> {
    const onEnd = (error: unknown) => this.#heard.broken(error)
    let times = 0
    const again = () => {
      if (topic === 'workflows' && times++ > 0) this.#readOthers().catch(onEnd)
    }
    const onSnapshot = () => {
      forget()
      again()
    }
    const onData = (data: FeedData) => {
      this.#take(data)
      this.#heard.changed()
    }
    await this.#client.subscribe(topic, { onSnapshot, onResumed: again, onData, onEnd })
  }

  /** What the snapshots had no room for. A connection that is lost meanwhile is followed by another one, and that by another reading. */
  async #readOthers(): Promise<void> {
    try {
      const [agents, running] = await Promise.all([this.#readAgents(), this.#readRunning()])
      for (const agent of agents) this.#putAgent(agent)
      for (const workflow of running) this.#put(workflow)
      this.#heard.changed()
    } catch (error) {
      if (!(error instanceof BusError && error.code === 'unavailable')) throw error
    }
  }

  #readAgents(): Promise<AgentView[]> {
    return readPages(MOST, async (page) => {
      const { agents: rows, next } = await this.#client.call('agents', page)
      return { rows, next }
    })
  }

  #readRunning(): Promise<WorkflowView[]> {
    return readPages(MOST, async (page) => {
      const { workflows: rows, next } = await this.#client.call('list', { state: ['running'], ...page })
      return { rows, next }
    })
  }

  #take(data: FeedData): void {
    if (data.kind === 'queue') this.#queue = data.queue
    else if (data.kind === 'agent') this.#putAgent(data.agent)
    else if (data.kind === 'workflow') this.#put(data.workflow)
    else if (data.kind === 'trend') this.#points = [...(this.#points ?? []), data.point].slice(-TREND.points)
    else if (data.kind === 'removed') {
      this.#agents.delete(data.id)
      this.#workflows.delete(data.id)
    }
  }

  #putAgent(agent: AgentView): void {
    if (agent.version >= (this.#agents.get(agent.id)?.version ?? 0)) this.#agents.set(agent.id, agent)
  }

  /** Keeps what runs, and the latest of what ended. */
  #put(workflow: WorkflowView): void {
    const { id, version, state, finished } = workflow
    if (version < (this.#workflows.get(id)?.version ?? 0)) return
    if (state !== 'running' && finished === null) this.#workflows.delete(id)
    else this.#workflows.set(id, workflow)
    if (finished !== null) for (const { id: old } of this.#ended().slice(ENDED)) this.#workflows.delete(old)
  }

  #ended(): WorkflowView[] {
    const all = [...this.#workflows.values()].filter(({ finished }) => finished !== null)
    return all.sort((a, b) => timeOf(b.finished) - timeOf(a.finished))
  }
}

function timeOf(time: Date | null): number {
  return time?.getTime() ?? 0
}
