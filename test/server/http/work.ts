import { connect } from 'node:net'
import type { Offer, WorkflowSpec } from '../../../src/protocol/index.ts'
import type { Store } from '../../../src/server/store/store.ts'
import { waitUntil } from '../../support/wait-until.ts'
import type { TestClient } from '../support/client.ts'
import type { Ask, Asker } from './asker.ts'
import { type Front, openFront } from './front.ts'

const STEPS: Partial<WorkflowSpec> = {
  steps: [
    { id: 's1', name: 'build', commands: ['make'] },
    { id: 's2', name: 'test', commands: ['make test'] },
  ],
}

/** A running workflow, in the hands of a test. */
export class Work {
  readonly front: Front
  readonly agent: TestClient
  readonly offer: Offer
  readonly #by: Parameters<Store['appendLog']>[0]

  private constructor(front: Front, agent: TestClient, offer: Offer, by: Parameters<Store['appendLog']>[0]) {
    this.front = front
    this.agent = agent
    this.offer = offer
    this.#by = by
  }

  static async begin(front: Front): Promise<Work> {
    const agent = front.house.connect(await front.house.credential('agent'))
    const { connection, agent: seated } = await agent.arrive()
    const by = { agentId: seated?.id ?? '', connection }
    return new Work(front, agent, await front.house.running(agent, STEPS), by)
  }

  get id(): string {
    return this.offer.workflowId
  }

  get logs(): string {
    return `/api/workflows/${this.id}/logs`
  }

  /** The same by another attempt. */
  next(offer: Offer | null): Work {
    if (offer === null) throw new Error('no offer')
    return new Work(this.front, this.agent, offer, this.#by)
  }

  async start(stepId: string): Promise<void> {
    const { lease } = this.offer
    const step = { stepId, state: 'running' as const, started: 1000, finished: null, exitCode: null, error: '' }
    await this.agent.call('update', { lease, seq: 1, step })
  }

  /** Stores lines, past the agent's credit. */
  async write(
    stepId: string,
    from: number,
    ...lines: [kind: 'out' | 'err' | 'command' | 'out+', text: string][]
  ): Promise<void> {
    const text = lines.map(([, line]) => `${line}\n`).join('')
    const runs = lines.map(([kind], at): [number, number, typeof kind] => [1, at, kind])
    await this.#append({ stepId, from, to: from + lines.length - 1, lines: { text, runs } })
  }

  async gap(stepId: string, from: number, to: number, reason: string): Promise<void> {
    await this.#append({ stepId, from, to, lines: null, reason })
  }

  async done(lines: Record<string, number>): Promise<void> {
    const steps = Object.entries(lines).map(([stepId, count]) => ({
      stepId,
      state: 'success' as const,
      started: 1000,
      finished: 2000,
      exitCode: 0,
      error: '',
      lines: count,
    }))
    const state = { started: 1000, finished: 2000, error: '', canceled: false }
    await this.agent.call('done', { lease: this.offer.lease, state, steps })
  }

  async #append(append: Omit<Parameters<Store['appendLog']>[1], 'lease'>): Promise<void> {
    await this.front.house.store.appendLog(this.#by, { lease: this.offer.lease, ...append })
  }
}

export async function begin(wrap?: (store: Store) => Store): Promise<{ front: Front; work: Work; viewer: Asker }> {
  const front = await openFront({ wrap })
  return { front, work: await Work.begin(front), viewer: await front.as('viewer') }
}

/** What a follower has read so far. */
function read(response: Response): { text: string; end: Promise<'whole' | 'broken'> } {
  const decoder = new TextDecoder()
  const reading = { text: '', end: Promise.resolve<'whole' | 'broken'>('whole') }
  const run = async () => {
    for await (const chunk of response.body ?? []) reading.text += decoder.decode(chunk, { stream: true })
  }
  reading.end = run().then(
    () => 'whole',
    () => 'broken',
  )
  return reading
}

/** Follows, and lets what was told at the start settle: from then on nothing waits for the clock. */
export async function follow(work: Work, viewer: Asker, ask: Ask = {}): Promise<ReturnType<typeof read>> {
  const reading = read(await viewer.fetch('GET', `${work.logs}?follow=1`, ask))
  await work.front.house.clock.advance(0)
  return reading
}

interface RawFollow {
  text: string
  readonly closed: Promise<void>
  pause(): void
  resume(): void
}

/** Follows by a bare socket, to see what stands on the wire. */
export async function rawFollow(front: Front, work: Work): Promise<RawFollow> {
  await front.as('viewer')
  const socket = connect(front.port, '127.0.0.1')
  const closed = new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => resolve())
  })
  const got: RawFollow = { text: '', closed, pause: () => socket.pause(), resume: () => socket.resume() }
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    got.text += chunk
  })
  const headers = ['host: drumline', 'authorization: Bearer token-of-viewer', 'connection: close']
  socket.write([`GET ${work.logs}?follow=1 HTTP/1.1`, ...headers, '', ''].join('\r\n'))
  await waitUntil(() => got.text.includes('\r\n\r\n'), { what: 'the head of the answer', limitMs: 15_000 })
  await front.house.clock.advance(0)
  return got
}
