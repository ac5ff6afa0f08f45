import type { AGENT_METHODS, BusError, FeedData, MethodName, ParamsOf, ResultOf } from '../protocol/index.ts'

/** What a client may ask: the operators', admins' and viewers' methods; `subscribe` has a call of its own. */
export type ClientMethod = 'version' | Exclude<MethodName, keyof typeof AGENT_METHODS | 'subscribe' | 'unsubscribe'>

/** What can be listened to: all workflows, one with its steps, the agents, the queue's counts, how the server does, the log of a workflow. */
export type Topic = 'workflows' | `workflow/${string}` | 'agents' | 'queue' | 'trend' | `logs/${string}`

/** How long a call may take. */
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
  call<M extends ClientMethod>(method: M, params: ParamsOf<M>, options?: CallOptions): Promise<ResultOf<M>>

  /**
   * Listens to a topic. Resolves once the server has registered it and its snapshot was delivered. Rejects with
   * `BusError`, such as `not_found`.
   */
  subscribe(topic: Topic, listener: Listener): Promise<Subscription>

  /** Settles, never rejects, when there will be no more: closed here, or given up. */
  readonly closed: Promise<Closed>

  /** Idempotent. What is still open rejects with `unavailable`. */
  close(): void
}

/** Hears of a topic. What it throws closes the connection: catch what may fail. */
export interface Listener {
  /**
   * A snapshot begins, at first and whenever more may have been missed than is known: forget what was told before. It holds the
   * newest 50 workflows, the first 200 agents, the last hour's points or the one entity; the others are had by `list` and
   * `agents`. Not of `logs/ID`.
   */
  onSnapshot?(): void
  /** After a lost connection it has gone on where it stopped: so many changes were missed, and have been told by now. Not of `logs/ID`. */
  onResumed?(events: number): void
  /** A snapshot's entities, then what changes, in order: of each entity never an older version than was told. */
  onData(data: FeedData): void
  /** Of `logs/ID` only: parts are missing here, and stand in the store. Other topics get a snapshot anew. */
  onMissed?(reason: string): void
  /** The subscription is over though nobody ended it. */
  onEnd?(error: BusError): void
}

/** What `subscribe` gives. */
export interface Subscription {
  /** Ends it; nothing is delivered any more. Idempotent. */
  close(): void
}

/** How a client ended. */
export interface Closed {
  /** 1000 when this end closed; 1006 without a goodbye or for lack of a server; else what the server closed with. */
  readonly code: number
  /** For people; may be empty. */
  readonly reason: string
}
