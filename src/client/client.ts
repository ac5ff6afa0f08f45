import type { BusError, FeedData, MethodName, ParamsOf, ResultOf } from '../protocol/index.ts'

export interface CallOptions {
  /** Aborting asks the server to stop; the call then rejects with `BusError('canceled')`. */
  signal?: AbortSignal
  /** Milliseconds until the call rejects with `BusError('deadline')`. Default: none. */
  timeoutMs?: number
}

/** An operator's or watcher's end of the bus. All of it may be used at once. */
export interface Client {
  /**
   * Asks the server. Mutations carry a key of their own, so that one sent again has one effect. Rejects with `BusError`:
   * what the server answered, or `unavailable` when there is no connection.
   */
  call<M extends MethodName>(method: M, params: ParamsOf<M>, options?: CallOptions): Promise<ResultOf<M>>

  /**
   * Listens to a topic: `workflows`, `workflow/ID`, `agents`, `queue` or `logs/ID`. Resolves once the server has
   * registered it and its snapshot was delivered. Rejects with `BusError`, such as `not_found`.
   */
  subscribe(topic: string, listener: Listener): Promise<Subscription>

  /** Settles, never rejects, when there will be no more: closed here, or given up. */
  readonly closed: Promise<Closed>

  /** Idempotent. What is still open rejects with `unavailable`. */
  close(): void
}

export interface Listener {
  /** A snapshot's entities and events alike, in order: drop what is not newer by its `version`. */
  onData(data: FeedData): void
  /** Of `logs/ID` only: parts are missing here, and stand in the store. Other topics get a snapshot anew. */
  onMissed?(reason: string): void
  /** The subscription is over though nobody ended it. */
  onEnd?(error: BusError): void
}

export interface Subscription {
  /** Ends it; nothing is delivered any more. Idempotent. */
  close(): void
}

export interface Closed {
  /** 1000 when this end closed. */
  readonly code: number
  readonly reason: string
}
