import { type ReadonlySignal, signal } from '@preact/signals'
import type { AgentView, FeedData, QueueView, WorkflowView } from '../../protocol/index.ts'
import type { Bus } from './bus.ts'
import { Rows } from './rows.ts'

/** Newer than that are held of those that nobody asked for by a filter. */
const WORKFLOWS = 500

/** What every page shows some of: the agents, the newest workflows and the queue, as the server says they are. */
export class Live {
  readonly agents = new Rows<AgentView>({ order: (a, b) => a.name.localeCompare(b.name) })
  readonly workflows = new Rows<WorkflowView>({ order: newestFirst, most: WORKFLOWS })
  readonly #queue = signal<QueueView | null>(null)
  readonly #broken = signal('')

  constructor(bus: Bus) {
    const onData = (data: FeedData) => this.#take(data)
    const onEnd = (error: Error) => {
      this.#broken.value = error.message
    }
    const follow = (topic: 'agents' | 'workflows' | 'queue', rows?: Rows<AgentView> | Rows<WorkflowView>) => {
      bus.subscribe(topic, { onSnapshot: () => rows?.clear(), onData, onEnd }).catch(onEnd)
    }
    follow('queue')
    follow('agents', this.agents)
    follow('workflows', this.workflows)
  }

  /** Null until it was told. */
  get queue(): ReadonlySignal<QueueView | null> {
    return this.#queue
  }

  /** Why nothing more is told, or empty. */
  get broken(): ReadonlySignal<string> {
    return this.#broken
  }

  #take(data: FeedData): void {
    if (data.kind === 'queue') this.#queue.value = data.queue
    else if (data.kind === 'agent') this.agents.put(data.agent)
    else if (data.kind === 'workflow') this.workflows.put(data.workflow)
    else if (data.kind === 'removed') {
      this.agents.remove(data.id)
      this.workflows.remove(data.id)
    }
  }
}

function newestFirst(a: WorkflowView, b: WorkflowView): number {
  return b.created.getTime() - a.created.getTime() || (a.id < b.id ? 1 : -1)
}
