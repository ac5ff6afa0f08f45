import { nanoid } from 'nanoid'
import { BusError, type Clock, FEED, type FeedData, type Labels, type ResultOf } from '../../protocol/index.ts'
import { EVERYTHING, type Scope } from '../scope.ts'
import { Outbox } from './outbox.ts'
import { seenIn } from './seen.ts'
import type { FeedSink, ReadSnapshot } from './sink.ts'
import { Subscription } from './subscription.ts'
import { isLogTopic, parseTopic, Topic } from './topic.ts'
import { Topics } from './topics.ts'

export interface SubscribeAsk {
  /** The client's own name for it, never used twice on a connection. */
  subscription: string
  topic: string
  resume?: { epoch: string; offset: number } | undefined
}

/**
 * What changes, told to whoever asked for it. Publishing costs nothing where nobody listens, and never waits for a
 * slow one. Offsets rise within a topic, also over times when nobody listened; the epoch is this process's own.
 */
export class Feed {
  readonly epoch = nanoid()
  readonly #clock: Clock
  readonly #topics = new Topics()
  readonly #outboxes = new Map<FeedSink, Outbox>()
  /** Topics that nobody listens to any more, and since when; their history is still wanted. Oldest first. */
  readonly #idle = new Map<Topic, number>()
  /** Above every offset that a topic which is not here any more has used: what it then did not hear is not resumed. */
  #high = 0
  #cancelTimer: (() => void) | null = null

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock
  }

  /** Whether anybody listens, or may come back for what it missed: in this scope, or in any. */
  wants(topic: string, scope?: Scope): boolean {
    return scope === undefined ? this.#topics.has(topic) : this.#topics.get(topic, scope) !== undefined
  }

  /** The scopes that the topic is wanted in. */
  scopes(topic: string): Scope[] {
    return [...this.#topics.of(topic)].map(({ scope }) => scope)
  }

  /** Told in each scope that sees it. `was`: labels that its entity had until now. */
  publish(topic: string, data: FeedData, was: readonly Labels[] = []): void {
    for (const each of this.#topics.of(topic)) {
      const seen = seenIn(each.scope, data, was)
      if (seen !== undefined) each.publish(seen, this.#clock.monotonic())
    }
  }

  /** Told in this scope alone, since it is what this one sees. */
  publishIn(scope: Scope, topic: string, data: FeedData): void {
    this.#topics.get(topic, scope)?.publish(data, this.#clock.monotonic())
  }

  /** What changed could not be told: whoever listens hears that, and gets a snapshot. */
  lose(topic: string, reason: string): void {
    for (const each of this.#topics.of(topic)) each.lose(reason)
  }

  /**
   * Registers, then reads: nothing between the two is missed. Events follow in a later tick than the answer. Rejects
   * with `bad_request` (topic, name used before), with what `read` rejects with (of one workflow also when it is resumed),
   * and with `canceled` if it was ended meanwhile; then nothing is registered. What is out of `scope` is neither told nor
   * counted; what `read` answers must be in it.
   */
  async subscribe(
    ask: SubscribeAsk,
    sink: FeedSink,
    read: ReadSnapshot,
    scope = EVERYTHING,
  ): Promise<ResultOf<'subscribe'>> {
    const { id } = parseTopic(ask.topic)
    const outbox = this.#outboxes.get(sink) ?? this.#connect(sink)
    // Lines carry no labels, nor does their topic have a past: `read` alone decides who may listen.
    const topic = this.#listen(ask.topic, isLogTopic(ask.topic) ? EVERYTHING : scope)
    const subscription = new Subscription(ask.subscription, topic, read, outbox)
    if (!outbox.add(subscription)) {
      this.#unused(topic)
      throw new BusError('bad_request', 'this name of a subscription was used before on this connection')
    }
    topic.listeners.add(subscription)
    const { epoch } = this
    const { offset } = topic
    const missed = ask.resume?.epoch === epoch ? topic.since(ask.resume.offset, this.#clock.monotonic()) : undefined
    // A workflow is looked up even so: it may be gone, or never have been in sight.
    const page = missed === undefined || id !== undefined ? await this.#read(subscription, outbox) : missed
    outbox.answered(subscription)
    return { epoch, offset, page: [...(missed ?? page)], snapshot: missed === undefined }
  }

  /** One that is not known is no error. */
  unsubscribe(sink: FeedSink, name: string): void {
    const outbox = this.#outboxes.get(sink)
    const subscription = outbox?.subscriptions.get(name)
    if (outbox === undefined || subscription === undefined) return
    outbox.remove(subscription)
    this.#unused(subscription.topic)
  }

  /** The connection is over. */
  drop(sink: FeedSink): void {
    const outbox = this.#outboxes.get(sink)
    if (outbox === undefined) return
    this.#outboxes.delete(sink)
    const topics = [...outbox.subscriptions.values()].map(({ topic }) => topic)
    outbox.close()
    for (const topic of topics) this.#unused(topic)
  }

  /** Ends all subscriptions, without a word. */
  close(): void {
    for (const sink of [...this.#outboxes.keys()]) this.drop(sink)
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#topics.clear()
    this.#idle.clear()
  }

  /** How much it holds; all zero once nobody listens and five minutes have passed. */
  get size() {
    let [subscriptions, held] = [0, 0]
    for (const outbox of this.#outboxes.values()) {
      subscriptions += outbox.subscriptions.size
      held += outbox.held
    }
    return { topics: this.#topics.size, connections: this.#outboxes.size, subscriptions, held }
  }

  /** How many are told of something. */
  get connections(): number {
    return this.#outboxes.size
  }

  /** Bytes of events that wait for one connection. */
  heldFor(sink: FeedSink): number {
    return this.#outboxes.get(sink)?.bytes ?? 0
  }

  #connect(sink: FeedSink): Outbox {
    const outbox = new Outbox(sink, this.#clock, () => this.drop(sink))
    this.#outboxes.set(sink, outbox)
    return outbox
  }

  async #read(subscription: Subscription, outbox: Outbox): Promise<readonly FeedData[]> {
    try {
      const page = await subscription.read()
      if (subscription.state === 'reading') return page
    } catch (error) {
      outbox.remove(subscription)
      this.#unused(subscription.topic)
      throw error
    }
    throw new BusError('canceled', 'the subscription was ended')
  }

  #listen(name: string, scope: Scope): Topic {
    const topic = this.#topics.get(name, scope) ?? new Topic(name, scope, this.#high)
    this.#topics.add(topic)
    this.#idle.delete(topic)
    return topic
  }

  /** Keeps the history for those who come back; lines are read from the store, so theirs is not kept. */
  #unused(topic: Topic): void {
    if (topic.listeners.size > 0 || this.#topics.get(topic.name, topic.scope) !== topic) return
    if (isLogTopic(topic.name)) this.#forget(topic)
    else {
      this.#idle.delete(topic)
      this.#idle.set(topic, this.#clock.monotonic())
      this.#tidy()
    }
  }

  #tidy(): void {
    const due = this.#clock.monotonic() - FEED.historyMs
    for (const [topic, since] of this.#idle) {
      if (since > due) {
        this.#cancelTimer ??= this.#clock.after(since - due, () => {
          this.#cancelTimer = null
          this.#tidy()
        })
        return
      }
      this.#forget(topic)
    }
  }

  #forget(topic: Topic): void {
    this.#idle.delete(topic)
    this.#topics.delete(topic)
    this.#high = Math.max(this.#high, topic.offset + 1)
  }
}
