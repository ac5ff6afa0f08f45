import { FEED, type FeedData } from '../../protocol/index.ts'
import { type FeedEvent, sizeOf, slotOf } from './event.ts'

/** A replay that would not fit a message beside its envelope is a snapshot instead. */
const REPLAY_BYTES = 128 * 1024

/**
 * The last events of a topic, for those who come back: at most 300, of the last 5 minutes. Of one entity only the
 * latest is kept, since a client would drop the others.
 */
export class History {
  readonly #events = new Map<string, { event: FeedEvent; at: number }>()
  /** What came at or before this offset may be missing here. */
  #floor: number

  constructor(floor: number) {
    this.#floor = floor
  }

  add(event: FeedEvent, now: number): void {
    const slot = slotOf(event)
    this.#events.delete(slot)
    this.#events.set(slot, { event, at: now })
    this.#forget(now)
  }

  /** From here on nothing before this offset is known. */
  reset(floor: number): void {
    this.#events.clear()
    this.#floor = floor
  }

  /** What came after an offset, in order; undefined if not all of it is known. */
  since(offset: number, now: number): FeedData[] | undefined {
    this.#forget(now)
    if (offset < this.#floor) return undefined
    const page: FeedData[] = []
    let bytes = 0
    for (const { event } of this.#events.values()) {
      if (event.offset <= offset) continue
      bytes += sizeOf(event.data)
      if (bytes > REPLAY_BYTES) return undefined
      page.push(event.data)
    }
    return page
  }

  #forget(now: number): void {
    for (const [slot, { event, at }] of this.#events) {
      if (this.#events.size <= FEED.historyEvents && now - at <= FEED.historyMs) return
      this.#events.delete(slot)
      this.#floor = event.offset
    }
  }
}
