import type { FeedData, WorkflowDetail } from '../../../src/protocol/index.ts'
import { Feed, type FeedSink } from '../../../src/server/feed/index.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { agentView, detail } from '../queue/builder.ts'

/** A connection that writes down what it is told: `name offset entity@version`, `name missed from-to`. */
export class Reader implements FeedSink {
  readonly heard: string[] = []
  waiting = 0
  /** Bytes that each event adds to what waits. */
  costs = 0

  event(subscription: string, offset: number, data: FeedData): void {
    this.waiting += this.costs
    this.heard.push(`${subscription} ${offset} ${nameOf(data)}`)
  }

  missed(subscription: string, from: number, to: number): void {
    this.heard.push(`${subscription} missed ${from}-${to}`)
  }

  backlog(): number {
    return this.waiting
  }
}

export function nameOf(data: FeedData): string {
  switch (data.kind) {
    case 'workflow':
      return `${data.workflow.id}@${data.workflow.version}`
    case 'agent':
      return `${data.agent.id}@${data.agent.version}`
    case 'queue':
      return `queue@${data.queue.version}`
    case 'trend':
      return `point@${data.point.version}`
    case 'removed':
      return `${data.id}@${data.version} removed`
    case 'log':
      return `line ${data.part.from}`
  }
}

export function workflow(id: string, version: number, over: Partial<WorkflowDetail> = {}): FeedData {
  return { kind: 'workflow', workflow: detail(id, { version, ...over }) }
}

export function agent(id: string, version: number): FeedData {
  return { kind: 'agent', agent: agentView(id, { version }) }
}

export function line(from: number, bytes = 10): FeedData {
  const text = `${'x'.repeat(bytes - 1)}\n`
  const part = { kind: 'lines' as const, lease: 'l', stepId: 's', from, to: from, text, runs: [] }
  return { kind: 'log', attempt: 1, part }
}

export class Fixture {
  readonly clock = new FakeClock()
  readonly feed = new Feed({ clock: this.clock })

  /** Subscribes as `s`; the answer's page by name. */
  async subscribe(sink: FeedSink, topic: string, given: Given = {}) {
    const { page = [], subscription = 's', resume } = given
    const answer = await this.feed.subscribe({ subscription, topic, resume }, sink, async () => page)
    await this.clock.advance(0)
    return { ...answer, page: answer.page.map(nameOf) }
  }
}

interface Given {
  page?: FeedData[]
  subscription?: string
  resume?: { epoch: string; offset: number }
}
