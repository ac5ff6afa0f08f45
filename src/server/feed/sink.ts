import type { FeedData } from '../../protocol/index.ts'

/**
 * Where one connection's events go; made by its session. It is asked often and must not block. One that throws is
 * dropped.
 */
export interface FeedSink {
  event(subscription: string, offset: number, data: FeedData): void
  /**
   * Events with these offsets will not come. Of states, all that there is follows as events: forget what you have. Of
   * lines, read `logs` on from the last one you have: they are never resumed by offset.
   */
  missed(subscription: string, from: number, to: number, reason: string): void
  /** Bytes that wait to leave for this connection, of whatever kind. */
  backlog(): number
}

/** Reads what a topic shows right now. */
export type ReadSnapshot = () => Promise<readonly FeedData[]>
