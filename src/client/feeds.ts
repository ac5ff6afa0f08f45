import type { BusError, FeedData, FrameOf } from '../protocol/index.ts'
import type { Listener, Subscription, Topic } from './client.ts'

/** What the server answers to `subscribe`. */
export interface Snapshot {
  readonly offset: number
  readonly page: readonly FeedData[]
}

export interface FeedCalls {
  subscribe(name: string, topic: Topic): Promise<Snapshot>
  unsubscribe(name: string): void
}

/** The subscriptions of one connection. Names are never used twice on it. */
export class Feeds {
  readonly #calls: FeedCalls
  readonly #byName = new Map<string, Feed>()
  #names = 0

  constructor(calls: FeedCalls) {
    this.#calls = calls
  }

  async subscribe(topic: Topic, listener: Listener): Promise<Subscription> {
    const feed = new Feed(topic, listener)
    await this.#register(feed)
    return { close: () => this.#drop(feed) }
  }

  event({ subscription, offset, data }: FrameOf<'event'>): void {
    // The codec has checked it by the schema of feed data.
    this.#byName.get(subscription)?.event(offset, data as FeedData)
  }

  missed({ subscription, reason }: FrameOf<'missed'>): void {
    const feed = this.#byName.get(subscription)
    if (feed === undefined) return
    if (feed.isLog) {
      feed.listener.onMissed?.(reason)
      return
    }
    // What was missed is in a snapshot, and a snapshot comes with a subscription.
    this.#drop(feed)
    feed.dropped = false
    this.#register(feed).catch((error: BusError) => feed.listener.onEnd?.(error))
  }

  end(error: BusError): void {
    const feeds = [...this.#byName.values()]
    this.#byName.clear()
    for (const feed of feeds) if (feed.listening) feed.listener.onEnd?.(error)
  }

  async #register(feed: Feed): Promise<void> {
    const name = `f${++this.#names}`
    feed.name = name
    feed.listening = false
    this.#byName.set(name, feed)
    try {
      const snapshot = await this.#calls.subscribe(name, feed.topic)
      if (feed.dropped) this.#calls.unsubscribe(name)
      else feed.open(snapshot)
    } catch (error) {
      this.#byName.delete(name)
      throw error
    }
  }

  #drop(feed: Feed): void {
    if (feed.dropped) return
    feed.dropped = true
    this.#byName.delete(feed.name)
    if (feed.listening) this.#calls.unsubscribe(feed.name)
  }
}

class Feed {
  readonly topic: Topic
  readonly listener: Listener
  name = ''
  dropped = false
  /** The snapshot was delivered; until then events wait, for they come after it. */
  listening = false
  #early: { offset: number; data: FeedData }[] = []
  /** Versions that the snapshot has told: the store may have been read after what the next events say. */
  #told = new Map<string, number>()

  constructor(topic: Topic, listener: Listener) {
    this.topic = topic
    this.listener = listener
  }

  /** Lines are read from the store, not from a snapshot. */
  get isLog(): boolean {
    return this.topic.startsWith('logs/')
  }

  open({ offset, page }: Snapshot): void {
    this.listening = true
    if (!this.isLog) this.listener.onSnapshot?.()
    for (const data of page) this.#deliver(data)
    this.#told = new Map(page.map(entityOf).map(({ id, version }) => [id, version]))
    for (const event of this.#early.splice(0)) if (event.offset > offset) this.#change(event.data)
  }

  event(offset: number, data: FeedData): void {
    if (this.listening) this.#change(data)
    else this.#early.push({ offset, data })
  }

  #change(data: FeedData): void {
    const { id, version } = entityOf(data)
    if (version <= (this.#told.get(id) ?? -1)) return
    // From here on its events are newer, each than the one before.
    this.#told.delete(id)
    this.#deliver(data)
  }

  #deliver(data: FeedData): void {
    // A listener may have ended the subscription in the middle of a page.
    if (!this.dropped) this.listener.onData(data)
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
    case 'removed':
      return data
    case 'log':
      return { id: '', version: 0 }
  }
}
