import type { Channel, FeedData, ResultOf } from '../protocol/index.ts'
import type { Core } from './core.ts'
import { type FeedSink, type SubscribeAsk, snapshotOf } from './feed/index.ts'
import type { Scope } from './scope.ts'

/** What one connection follows: its end of the feed. */
export class Subscriptions implements FeedSink {
  readonly #core: Core
  readonly #channel: Channel
  #closed = false

  constructor(core: Core, channel: Channel) {
    this.#core = core
    this.#channel = channel
  }

  async subscribe(ask: SubscribeAsk, scope: Scope): Promise<ResultOf<'subscribe'>> {
    const answer = await this.#core.feed.subscribe(ask, this, snapshotOf(this.#core, ask.topic, scope), scope)
    // The connection ended while the snapshot was read: nobody would drop this later.
    if (this.#closed) this.#core.feed.drop(this)
    return answer
  }

  unsubscribe(subscription: string): void {
    this.#core.feed.unsubscribe(this, subscription)
  }

  close(): void {
    this.#closed = true
    this.#core.feed.drop(this)
  }

  /** Bytes of events that wait in the feed. */
  held(): number {
    return this.#core.feed.heldFor(this)
  }

  event(subscription: string, offset: number, data: FeedData): void {
    this.#channel.send({ type: 'event', subscription, offset, data }, 'state')
  }

  missed(subscription: string, from: number, to: number, reason: string): void {
    this.#core.metrics.logs.missed(to - from + 1)
    this.#channel.send({ type: 'missed', subscription, from, to, reason }, 'state')
  }

  backlog(): number {
    return this.#channel.backlog()
  }
}
