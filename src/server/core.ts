import type { Clock, Log, Meter } from '../protocol/index.ts'
import type { Refusals } from './audit/index.ts'
import type { Connections } from './connections.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Ends } from './ends.ts'
import type { Feed, FeedPump } from './feed/index.ts'
import type { AdminToken } from './files/admin-token.ts'
import type { Intents } from './intents.ts'
import type { Leavers } from './leavers.ts'
import type { Logins } from './logins.ts'
import type { LogMemory } from './logs/memory.ts'
import type { Metrics } from './metrics/index.ts'
import type { Owed } from './owed.ts'
import type { Revocations } from './revocations.ts'
import type { Searches } from './searches.ts'
import type { Store } from './store/store.ts'
import type { Timings } from './timings.ts'
import type { Trend } from './trend/index.ts'

/** What every connection and every handler of one server shares. Put together in start.ts. */
export interface Core {
  readonly store: Store
  readonly searches: Searches
  readonly clock: Clock
  readonly log: Log
  /** This server's identity and version, as `welcome` tells them. */
  readonly server: { readonly id: string; readonly version: string }
  readonly timings: Timings
  readonly connections: Connections
  readonly ends: Ends
  readonly intents: Intents
  readonly leavers: Leavers
  readonly revocations: Revocations
  readonly logins: Logins
  readonly refusals: Refusals
  readonly adminToken: AdminToken
  readonly dispatcher: Dispatcher
  readonly feed: Feed
  readonly pump: FeedPump
  readonly logMemory: LogMemory
  readonly metrics: Metrics
  readonly trend: Trend
  /** Told of every frame of every connection. */
  readonly meter: Meter
  readonly owed: Owed
  /** Asks for the drain; it goes on by itself. */
  drain(): void
}
