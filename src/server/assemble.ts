import { nanoid } from 'nanoid'
import { type Clock, type Log, noProbe, type Probe, RELEASE } from '../protocol/index.ts'
import { Refusals } from './audit/index.ts'
import { Connections } from './connections.ts'
import type { Core } from './core.ts'
import { probedMeter } from './crash/index.ts'
import { Dispatcher } from './dispatcher.ts'
import { Ends } from './ends.ts'
import { Feed, FeedPump } from './feed/index.ts'
import type { AdminToken } from './files/admin-token.ts'
import { Intents } from './intents.ts'
import { Leavers } from './leavers.ts'
import { Logins } from './logins.ts'
import { LogMemory } from './logs/memory.ts'
import { Metrics } from './metrics/index.ts'
import { Owed } from './owed.ts'
import { Revocations } from './revocations.ts'
import { Searches } from './searches.ts'
import type { Change } from './store/change.ts'
import type { Store, SweepAnswer } from './store/store.ts'
import type { Timings } from './timings.ts'
import { Trend } from './trend/index.ts'

export interface Parts {
  store: Store
  clock: Clock
  log: Log
  timings: Timings
  adminToken: AdminToken
  drain: () => void
  probe?: Probe
}

/** Puts the shared parts together and joins them to the store's changes. */
export function assemble({ store, clock, log, timings, adminToken, drain, probe = noProbe }: Parts): Core {
  const owed = new Owed({ clock, log })
  const ends = new Ends()
  const connections = new Connections()
  const feed = new Feed({ clock })
  const logMemory = new LogMemory()
  const metrics = new Metrics({ store, clock, connections, feed, logMemory })
  const core: Core = {
    store,
    searches: new Searches(),
    clock,
    log,
    timings,
    owed,
    ends,
    adminToken,
    drain,
    server: { id: nanoid(), version: RELEASE },
    connections,
    revocations: new Revocations(connections, ends),
    logins: new Logins(store, connections),
    refusals: new Refusals({ store, clock, owed }),
    intents: new Intents({ ends, clock, leaseMs: timings.leaseMs, repeatMs: timings.repeatMs }),
    leavers: new Leavers({ store, ends, owed }),
    dispatcher: new Dispatcher({ store, clock, log, owed }),
    feed,
    pump: new FeedPump({ feed, store, clock, log }),
    logMemory,
    metrics,
    trend: new Trend({ store, metrics, feed, clock }),
    meter: probe === noProbe ? metrics.bus : probedMeter(metrics.bus, probe),
  }
  store.onBatch((batch) => metrics.store.committed(batch))
  store.onChange((changes: readonly Change[]) => {
    core.dispatcher.apply(changes)
    core.intents.apply(changes)
    core.revocations.apply(changes)
    core.logins.apply(changes)
    core.pump.take(changes)
    metrics.take(changes)
    core.trend.take(changes)
  })
  return core
}

/** A sweep's outcome goes to whom it concerns. */
export function tellSwept(core: Core, { intents, lapsed }: SweepAnswer): void {
  core.metrics.store.swept('done')
  core.intents.push(intents)
  core.leavers.look()
  const told = new Set(intents.map(({ lease }) => lease))
  for (const { agentId, workflowId, lease, why } of lapsed) {
    if (why === 'offer') core.dispatcher.lapsed(agentId)
    else if (!told.has(lease)) core.ends.of(agentId)?.lost(workflowId, lease, 'the lease expired')
  }
}
