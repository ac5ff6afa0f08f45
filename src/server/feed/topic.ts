import { BusError, type FeedData, Id } from '../../protocol/index.ts'
import type { Scope } from '../scope.ts'
import type { FeedEvent } from './event.ts'
import { History } from './history.ts'

/** A topic's name taken apart; `bad_request` for one that does not exist. */
export type TopicName =
  | { of: 'workflows' | 'agents' | 'queue' | 'trend'; id?: undefined }
  | { of: 'workflow' | 'logs'; id: string }

export function parseTopic(name: string): TopicName {
  if (name === 'workflows' || name === 'agents' || name === 'queue' || name === 'trend') return { of: name }
  const [, of, id] = /^(workflow|logs)\/(.+)$/s.exec(name) ?? []
  if ((of === 'workflow' || of === 'logs') && Id.safeParse(id).success) return { of, id: id ?? '' }
  throw new BusError('bad_request', 'topic must be workflows, workflow/ID, agents, queue, trend or logs/ID')
}

/** Lines are read again from the store, by where a reader stopped: their topics have no history and no snapshot. */
export function isLogTopic(name: string): boolean {
  return name.startsWith('logs/')
}

/** Whoever listens to a topic. Must neither wait nor throw. */
export interface Listener {
  receive(event: FeedEvent): void
  /** The topic's latest offset will not come. */
  miss(reason: string): void
}

/** A topic as one scope sees it: its own events, numbers and history. Numbers its events and knows who wants them. */
export class Topic {
  readonly name: string
  readonly scope: Scope
  readonly listeners = new Set<Listener>()
  readonly #history: History | undefined
  #offset: number

  constructor(name: string, scope: Scope, offset: number) {
    this.name = name
    this.scope = scope
    this.#offset = offset
    this.#history = isLogTopic(name) ? undefined : new History(offset)
  }

  get offset(): number {
    return this.#offset
  }

  publish(data: FeedData, now: number): void {
    const event = { offset: ++this.#offset, data }
    this.#history?.add(event, now)
    for (const listener of this.listeners) listener.receive(event)
  }

  /** What changed will not be told. */
  lose(reason: string): void {
    const offset = ++this.#offset
    this.#history?.reset(offset)
    for (const listener of this.listeners) listener.miss(reason)
  }

  /** What came after an offset; undefined if that is not known, so that a snapshot is needed. */
  since(offset: number, now: number): FeedData[] | undefined {
    return offset > this.#offset ? undefined : this.#history?.since(offset, now)
  }
}
