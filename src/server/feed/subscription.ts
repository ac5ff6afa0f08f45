import { type FeedEvent, sizeOf, slotOf, versionOf } from './event.ts'
import type { ReadSnapshot } from './sink.ts'
import type { Listener, Topic } from './topic.ts'

interface Lost {
  /** Above `to` where only a snapshot was lost. */
  readonly from: number
  to: number
  readonly reason: string
}

/** What brings its events to the client. */
interface Carrier {
  carry(subscription: Subscription, event: FeedEvent): void
  giveUp(subscription: Subscription, reason: string): void
}

/** What one client asked for under one name, and what could not be sent to it yet. */
export class Subscription implements Listener {
  readonly name: string
  readonly topic: Topic
  readonly read: ReadSnapshot
  /** Events wait until its snapshot was read, and its answer was given. */
  state: 'reading' | 'answered' | 'live' | 'ended' = 'reading'
  /** Events that were given up, until that can be said. */
  lost: Lost | null = null
  /** The last offset that was sent, or said to be missed. */
  upto: number
  /** Monotonic milliseconds before which its snapshot is not read again. */
  restUntil = 0
  #held = new Map<string, FeedEvent>()
  #bytes = 0
  readonly #carrier: Carrier

  constructor(name: string, topic: Topic, read: ReadSnapshot, carrier: Carrier) {
    this.name = name
    this.topic = topic
    this.read = read
    this.upto = topic.offset
    this.#carrier = carrier
  }

  receive(event: FeedEvent): void {
    this.#carrier.carry(this, event)
  }

  miss(reason: string): void {
    this.#carrier.giveUp(this, reason)
  }

  get count(): number {
    return this.#held.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Keeps an event for later. */
  hold(event: FeedEvent): void {
    const slot = slotOf(event)
    const before = this.#held.get(slot)
    if (before !== undefined) this.#bytes -= sizeOf(before.data)
    this.#held.delete(slot)
    this.#held.set(slot, event)
    this.#bytes += sizeOf(event.data)
  }

  /** A snapshot goes first; what came since and is newer stays. */
  holdSnapshot(events: readonly FeedEvent[]): void {
    const since = [...this.#held.values()]
    this.#held = new Map()
    this.#bytes = 0
    for (const event of [...events, ...since]) {
      const before = this.#held.get(slotOf(event))
      if (before === undefined || versionOf(before.data) < versionOf(event.data)) this.hold(event)
    }
  }

  /** The oldest of what waits. */
  take(): FeedEvent | undefined {
    for (const [slot, event] of this.#held) {
      this.#held.delete(slot)
      this.#bytes -= sizeOf(event.data)
      return event
    }
    return undefined
  }

  /** Gives up everything that waits, and all that comes until a snapshot or the reader makes up for it. */
  lose(reason: string): void {
    const { offset } = this.topic
    if (this.lost === null) this.lost = { from: this.upto + 1, to: offset, reason }
    else this.lost.to = offset
    this.#held.clear()
    this.#bytes = 0
  }
}
