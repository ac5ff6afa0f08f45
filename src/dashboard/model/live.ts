import { type ReadonlySignal, signal } from '@preact/signals'
import type { Topic } from '../../client/index.ts'
import type { AgentView, FeedData, QueueView, WorkflowView } from '../../protocol/index.ts'
import type { Bus } from './bus.ts'
import type { Complete } from './complete.ts'
import { allAgents, allRunning, lastEnds } from './holdings.ts'
import { Returned } from './returned.ts'
import { newestFirst, Rows } from './rows.ts'
import { Trend } from './trend.ts'
import { Whys } from './whys.ts'

/** Newer than that are held of those that nobody asked for by a filter. */
const WORKFLOWS = 500

/** Hears of every workflow that changes. */
export interface WorkflowWatch {
  readonly onWorkflow: (workflow: WorkflowView) => void
  readonly onRemoved: (id: string) => void
  /** Something may have been missed: what was read must be read again. */
  readonly onSnapshot: () => void
}

/** What every page shows some of: the agents, the workflows that are news, the queue and how it went, as the server says they are. */
export class Live {
  readonly agents: Complete<AgentView>
  readonly running: Complete<WorkflowView>
  readonly ends: Complete<WorkflowView>
  readonly whys: Whys
  readonly trend = new Trend()
  readonly workflows = new Rows<WorkflowView>({ order: newestFirst, most: WORKFLOWS })
  readonly returned = new Returned()
  readonly #queue = signal<QueueView | null>(null)
  readonly #broken = signal('')
  readonly #watches = new Set<WorkflowWatch>()
  #told = false

  /** `trend`: whether that may be asked for. */
  constructor(bus: Bus, trend: boolean) {
    this.agents = allAgents(bus)
    this.running = allRunning(bus)
    this.ends = lastEnds(bus)
    this.whys = new Whys(bus)
    const onData = (data: FeedData) => this.#take(data)
    const onEnd = (error: Error) => {
      this.#broken.value = error.message
    }
    const follow = (topic: Topic, forget: () => void) => {
      let told = false
      const onSnapshot = () => {
        if (told) this.returned.anew()
        told = true
        forget()
      }
      const onResumed = (changes: number) => this.returned.resumed(changes)
      bus.subscribe(topic, { onSnapshot, onResumed, onData, onEnd }).catch(onEnd)
    }
    follow('queue', () => {})
    follow('agents', () => this.agents.begin())
    if (trend) follow('trend', () => this.trend.clear())
    follow('workflows', () => this.#workflowsAnew())
  }

  /** Null until it was told. */
  get queue(): ReadonlySignal<QueueView | null> {
    return this.#queue
  }

  /** Why nothing more is told, or empty. */
  get broken(): ReadonlySignal<string> {
    return this.#broken
  }

  /** Until the function that it gives is called. */
  watch(watch: WorkflowWatch): () => void {
    this.#watches.add(watch)
    return () => this.#watches.delete(watch)
  }

  #workflowsAnew(): void {
    this.workflows.clear()
    this.running.begin()
    this.ends.begin()
    // The first is no news to those who began by reading.
    if (this.#told) for (const { onSnapshot } of this.#watches) onSnapshot()
    this.#told = true
  }

  #take(data: FeedData): void {
    if (data.kind === 'queue') this.#queue.value = data.queue
    else if (data.kind === 'trend') this.trend.put(data.point)
    else if (data.kind === 'agent') this.agents.take(data.agent)
    else if (data.kind === 'workflow') {
      for (const rows of [this.running, this.ends]) rows.take(data.workflow)
      this.workflows.put(data.workflow)
      for (const { onWorkflow } of this.#watches) onWorkflow(data.workflow)
    } else if (data.kind === 'removed') {
      for (const rows of [this.agents, this.running, this.ends, this.workflows]) rows.remove(data.id)
      for (const { onRemoved } of this.#watches) onRemoved(data.id)
    }
  }
}
