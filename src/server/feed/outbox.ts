import { BusError, type Clock, FEED } from '../../protocol/index.ts'
import type { FeedEvent } from './event.ts'
import type { FeedSink } from './sink.ts'
import type { Subscription } from './subscription.ts'
import { isLogTopic } from './topic.ts'

/** While less than this waits to leave, events go straight on: it keeps the link busy and leaves room for control. */
const AHEAD_BYTES = 256 * 1024
/** How soon a slow one is looked at again. */
const AGAIN_MS = 20
/** How soon a snapshot that could not be read is tried again. */
const RETRY_MS = 1_000

/**
 * All subscriptions of one connection. What its socket does not take waits here: at most 1 MiB with what the socket
 * holds, at most 1,024 events. States give way to newer ones of the same entity; when that is not enough a
 * subscription's events are given up, and it is told so once the socket has room.
 */
export class Outbox {
  readonly subscriptions = new Map<string, Subscription>()
  readonly #sink: FeedSink
  readonly #clock: Clock
  readonly #onBroken: () => void
  readonly #used = new Set<string>()
  #cancelTimer: (() => void) | null = null
  #closed = false

  /** `onBroken`: the sink has thrown. */
  constructor(sink: FeedSink, clock: Clock, onBroken: () => void) {
    this.#sink = sink
    this.#clock = clock
    this.#onBroken = onBroken
  }

  /** Events that wait. */
  get held(): number {
    return this.#sum(({ count }) => count)
  }

  /** And their bytes. */
  get bytes(): number {
    return this.#sum(({ bytes }) => bytes)
  }

  /** False: the name was used before on this connection. */
  add(subscription: Subscription): boolean {
    if (this.#used.has(subscription.name)) return false
    this.#used.add(subscription.name)
    this.subscriptions.set(subscription.name, subscription)
    return true
  }

  remove(subscription: Subscription): void {
    subscription.state = 'ended'
    this.subscriptions.delete(subscription.name)
    subscription.topic.listeners.delete(subscription)
  }

  close(): void {
    this.#closed = true
    this.#cancelTimer?.()
    this.#cancelTimer = null
    for (const subscription of [...this.subscriptions.values()]) this.remove(subscription)
  }

  /** Sends an event or keeps it; never waits, never throws. */
  carry(subscription: Subscription, event: FeedEvent): void {
    if (this.#closed) return
    const { state, count, lost } = subscription
    if (lost !== null) lost.to = event.offset
    else if (state === 'live' && count === 0 && this.#hasRoom()) this.#send(subscription, event)
    else {
      subscription.hold(event)
      this.#keepWithin()
    }
    if (waits(subscription)) this.#look(AGAIN_MS)
  }

  giveUp(subscription: Subscription, reason: string): void {
    if (this.#closed) return
    subscription.lose(reason)
    this.#look(AGAIN_MS)
  }

  /** Its answer leaves in this tick; events follow in a later one. */
  answered(subscription: Subscription): void {
    if (this.#closed || subscription.state !== 'reading') return
    subscription.state = 'answered'
    this.#cancelTimer?.()
    this.#cancelTimer = null
    this.#look(0)
  }

  #look(ms: number): void {
    this.#cancelTimer ??= this.#clock.after(ms, () => this.#work())
  }

  #work(): void {
    this.#cancelTimer = null
    // Answers may have come before what waits.
    this.#keepWithin()
    const all = [...this.subscriptions.values()]
    for (const subscription of all) {
      if (subscription.state === 'answered') subscription.state = 'live'
      if (subscription.state === 'live') this.#drain(subscription)
    }
    if (!this.#closed && all.some(waits)) this.#look(AGAIN_MS)
  }

  #drain(subscription: Subscription): void {
    while (subscription.count > 0 && this.#hasRoom()) {
      const event = subscription.take()
      if (event !== undefined) this.#send(subscription, event)
    }
    const rested = subscription.restUntil <= this.#clock.monotonic()
    if (subscription.count === 0 && rested && this.#hasRoom()) this.#makeUp(subscription)
  }

  /** Says what was lost; of states, reads all anew. */
  #makeUp(subscription: Subscription): void {
    const { lost } = subscription
    if (lost === null) return
    const { from, to, reason } = lost
    if (from <= to) this.#guard(() => this.#sink.missed(subscription.name, from, to, reason))
    subscription.upto = to
    subscription.lost = null
    if (isLogTopic(subscription.topic.name) || this.#closed) return
    subscription.state = 'reading'
    void this.#reread(subscription)
  }

  /** Owned by the subscription: ends with it, and never rejects. */
  async #reread(subscription: Subscription): Promise<void> {
    // All up to here was said to be missed.
    const { offset } = subscription.topic
    try {
      const page = await subscription.read()
      subscription.holdSnapshot(page.map((data) => ({ offset, data })))
      this.#keepWithin()
    } catch (error) {
      // What was removed meanwhile has nothing to show.
      if (!(error instanceof BusError && error.code === 'not_found')) {
        subscription.lose('the snapshot could not be read')
        subscription.restUntil = this.#clock.monotonic() + RETRY_MS
      }
    }
    if (this.#closed || subscription.state !== 'reading') return
    subscription.state = 'live'
    this.#look(0)
  }

  #hasRoom(): boolean {
    return !this.#closed && this.#sink.backlog() < AHEAD_BYTES
  }

  #send(subscription: Subscription, { offset, data }: FeedEvent): void {
    subscription.upto = offset
    this.#guard(() => this.#sink.event(subscription.name, offset, data))
  }

  #guard(call: () => void): void {
    try {
      call()
    } catch {
      this.#onBroken()
    }
  }

  /** Lines go first: they are on disk, and whoever reads them can read on from there. */
  #keepWithin(): void {
    while (this.held > FEED.queueEvents || this.bytes + this.#sink.backlog() > FEED.queueBytes) {
      const all = [...this.subscriptions.values()].filter(({ count }) => count > 0)
      const logs = all.filter(({ topic }) => isLogTopic(topic.name))
      const [most] = (logs.length > 0 ? logs : all).sort((a, b) => b.bytes - a.bytes)
      if (most === undefined) return
      most.lose('this connection is too slow')
    }
  }

  #sum(of: (subscription: Subscription) => number): number {
    let sum = 0
    for (const subscription of this.subscriptions.values()) sum += of(subscription)
    return sum
  }
}

/** Something is left to be sent or said as soon as there is room. */
function waits({ state, count, lost }: Subscription): boolean {
  return state === 'live' && (count > 0 || lost !== null)
}
