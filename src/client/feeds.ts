import type { BusError, FeedData, FrameOf, ResultOf } from '../protocol/index.ts'
import type { Subscription } from './client.ts'
import type { Told } from './told.ts'

export interface FeedCalls {
  subscribe(name: string, told: Told): Promise<ResultOf<'subscribe'>>
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

  async subscribe(told: Told): Promise<Subscription> {
    const feed = new Feed(told)
    await this.#register(feed)
    return {
      close: () => {
        told.isOver = true
        this.#drop(feed)
      },
    }
  }

  event({ subscription, offset, data }: FrameOf<'event'>): void {
    // The codec has checked it by the schema of feed data.
    this.#byName.get(subscription)?.event(offset, data as FeedData)
  }

  missed({ subscription, reason }: FrameOf<'missed'>): void {
    const feed = this.#byName.get(subscription)
    if (feed === undefined) return
    const { told } = feed
    if (told.isLog) {
      told.listener.onMissed?.(reason)
      return
    }
    // What was missed is in a snapshot, and a snapshot comes with a subscription.
    this.#drop(feed)
    told.forgetPlace()
    this.#register(feed).catch(told.onEnd)
  }

  end(error: BusError): void {
    const feeds = [...this.#byName.values()]
    this.#byName.clear()
    for (const feed of feeds) if (feed.listening) feed.told.onEnd(error)
  }

  async #register(feed: Feed): Promise<void> {
    const name = `f${++this.#names}`
    feed.name = name
    feed.listening = false
    this.#byName.set(name, feed)
    try {
      const answer = await this.#calls.subscribe(name, feed.told)
      if (feed.told.isOver) this.#calls.unsubscribe(name)
      else feed.open(answer)
    } catch (error) {
      this.#byName.delete(name)
      throw error
    }
  }

  #drop({ name, listening }: Feed): void {
    // One that has no answer yet is ended with it.
    if (this.#byName.delete(name) && listening) this.#calls.unsubscribe(name)
  }
}

/** What was asked for under one name. */
class Feed {
  readonly told: Told
  name = ''
  /** It was answered; until then events wait, for they come after what the answer holds. */
  listening = false
  #early: { offset: number; data: FeedData }[] = []

  constructor(told: Told) {
    this.told = told
  }

  open(answer: ResultOf<'subscribe'>): void {
    this.listening = true
    this.told.begin(answer)
    for (const { offset, data } of this.#early.splice(0)) if (offset > answer.offset) this.told.change(offset, data)
  }

  event(offset: number, data: FeedData): void {
    if (this.listening) this.told.change(offset, data)
    else this.#early.push({ offset, data })
  }
}
