import type { BusError, FeedData, ParamsOf, ResultOf } from '../protocol/index.ts'
import type { Listener, Topic } from './client.ts'

/** A place in a topic's events that a listener goes on from. */
type Place = NonNullable<ParamsOf<'subscribe'>['resume']>

/** What a listener has been told of a topic, on whatever connection: it goes on from there, and hears nothing older. */
export class Told {
  readonly topic: Topic
  readonly listener: Listener
  /** The subscription is over though nobody ended it. */
  readonly onEnd: (error: BusError) => void
  /** Nothing is told any more. */
  isOver = false
  /** After what was taken whole: a listener that threw is not spared what it threw at. */
  #place: Place | undefined
  /** Versions that a snapshot has told: the store may have been read after what the next events say. */
  #versions = new Map<string, number>()

  constructor(topic: Topic, listener: Listener, onEnd = (error: BusError): void => listener.onEnd?.(error)) {
    this.topic = topic
    this.listener = listener
    this.onEnd = onEnd
  }

  /** Lines are read from the store, not from a snapshot, and not by offset. */
  get isLog(): boolean {
    return this.topic.startsWith('logs/')
  }

  /** Where it goes on; undefined: from a snapshot. */
  get place(): Place | undefined {
    return this.isLog ? undefined : this.#place
  }

  /** The server has registered it: with a snapshot, or with what came after its place. */
  begin({ epoch, offset, page, snapshot }: ResultOf<'subscribe'>): void {
    if (snapshot || this.#place === undefined) this.#start(page)
    else this.#goOn(page)
    this.#place = { epoch, offset }
  }

  change(offset: number, data: FeedData): void {
    this.#tell(data)
    if (this.#place !== undefined) this.#place = { ...this.#place, offset }
  }

  /** There is no going on: the next is a snapshot. */
  forgetPlace(): void {
    this.#place = undefined
  }

  #start(page: readonly FeedData[]): void {
    this.forgetPlace()
    if (!this.isLog) this.listener.onSnapshot?.()
    for (const data of page) this.#deliver(data)
    this.#versions = new Map(page.map(entityOf).map(({ id, version }) => [id, version]))
  }

  #goOn(page: readonly FeedData[]): void {
    const told = page.filter((data) => this.#tell(data))
    if (!this.isOver) this.listener.onResumed?.(told.length)
  }

  /** False for what is not newer than the snapshot. */
  #tell(data: FeedData): boolean {
    const { id, version } = entityOf(data)
    if (version <= (this.#versions.get(id) ?? -1)) return false
    // From here on its events are newer, each than the one before.
    this.#versions.delete(id)
    this.#deliver(data)
    return true
  }

  #deliver(data: FeedData): void {
    // A listener may have ended the subscription in the middle of a page.
    if (!this.isOver) this.listener.onData(data)
  }
}

/** What an entry is about, and its version. Lines have none: each comes once. */
function entityOf(data: FeedData): { readonly id: string; readonly version: number } {
  switch (data.kind) {
    case 'workflow':
      return data.workflow
    case 'agent':
      return data.agent
    case 'queue':
      return { id: 'queue', version: data.queue.version }
    case 'trend':
      return { id: `trend/${data.point.version}`, version: data.point.version }
    case 'removed':
      return data
    case 'log':
      return { id: '', version: 0 }
  }
}
