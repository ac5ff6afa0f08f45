import type { AgentView, Labels, WorkflowDetail } from '../../../src/protocol/index.ts'
import { QueueIndex, type Waiting, type WorkflowChange } from '../../../src/server/queue/index.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { TERMS } from '../../support/terms.ts'

export interface Work {
  labels?: Labels
  group?: string
  limit?: number
  priority?: number
  order?: number
  notBefore?: number
}

/** A queue with a clock that stands still, and a store that is only imagined. */
export class Bench {
  readonly clock = new FakeClock()
  readonly index = new QueueIndex({ clock: this.clock })
  readonly #known = new Map<string, { work: Work; order: number; version: number }>()
  #order = 0
  #opened = 0

  /** Ids in order of creation; the same id again keeps its age. */
  pending(id: string, work: Work = {}): void {
    this.#tell(id, 'pending', work)
  }

  /** In line again, because this agent would not take it. */
  refused(id: string, refusedBy: string): void {
    this.#tell(id, 'pending', undefined, { refusedBy })
  }

  offered(id: string): void {
    this.#tell(id, 'offered')
  }

  running(id: string, work?: Work): void {
    this.#tell(id, 'running', work)
  }

  ended(id: string, state: WorkflowChange['state'] = 'success'): void {
    const version = this.#known.get(id)?.version ?? 0
    this.index.apply({ kind: 'workflow', id, version: version + 1, state, lane: null, lease: null })
  }

  /** An open `next`; `agent` is `name` or `name/filter`. */
  next(agentId: string, labels: Labels = {}, connection = 1): Waiting {
    const opened = ++this.#opened
    const waiting = { id: `${agentId}#${opened}`, agentId, connection, labels, openedAt: this.clock.monotonic() }
    this.index.open(waiting)
    return waiting
  }

  /** Hands out all that can be, as the server does; `workflow→agent`. */
  dispatch(): string[] {
    const made: string[] = []
    for (let pair = this.index.match(); pair !== null; pair = this.index.match()) {
      made.push(`${pair.workflowId}→${pair.waiting.agentId}`)
      this.offered(pair.workflowId)
      this.index.taken(pair.workflowId)
    }
    return made
  }

  change(id: string, state: WorkflowChange['state'], version: number, work: Work = {}): WorkflowChange {
    const { labels = {}, group = null, limit = 1, priority = 0, order = 1, notBefore = 0 } = work
    const lane = { labels, group, limit, priority, order, notBefore }
    return { kind: 'workflow', id, version, state, lane, lease: state === 'pending' ? null : `${id}:${version}` }
  }

  #tell(id: string, state: WorkflowChange['state'], work?: Work, told: { refusedBy?: string } = {}): void {
    const before = this.#known.get(id)
    const order = work?.order ?? before?.order ?? ++this.#order
    const known = { work: { ...before?.work, ...work }, order, version: (before?.version ?? 0) + 1 }
    this.#known.set(id, known)
    this.index.apply({ ...this.change(id, state, known.version, { ...known.work, order }), ...told })
  }
}

export function agentView(name: string, over: Partial<AgentView> = {}): AgentView {
  return {
    id: name,
    version: 1,
    name,
    state: 'online',
    schedulable: true,
    drainedBy: null,
    labels: {},
    capacity: 1,
    running: 0,
    platform: 'linux/amd64',
    backend: 'local',
    software: '1',
    connected: null,
    address: null,
    roundTripMs: null,
    connections: 1,
    lastSeen: null,
    keepaliveMs: null,
    conflict: null,
    ...over,
  }
}

export function detail(id: string, over: Partial<WorkflowDetail> = {}): WorkflowDetail {
  return {
    id,
    version: 1,
    name: id,
    state: 'pending',
    attempt: 0,
    agent: null,
    labels: {},
    priority: 0,
    created: new Date(0),
    started: null,
    finished: null,
    error: null,
    lost: null,
    logs: 'open',
    cancel: null,
    steps: [],
    missing: [],
    dependsOn: [],
    attempts: [],
    terms: TERMS,
    ...over,
  }
}
