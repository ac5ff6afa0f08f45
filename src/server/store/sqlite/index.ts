import { isBuilt } from '../../../host/index.ts'
import type { Clock } from '../../../protocol/index.ts'
import type { Store } from '../store.ts'
import { Front, storeOver } from './front.ts'
import { LocalLink } from './local.ts'
import { ThreadLink } from './thread.ts'
import { KEEP_MS } from './timings.ts'

export interface SqliteOptions {
  clock: Clock
  /** Time to live of a lease whose workflow names none, in milliseconds. */
  leaseMs: number
  /** Leases from 1 s and margins in proportion: for tests only. */
  testTimings: boolean
  /** How long an ended workflow is kept, in milliseconds; Infinity: for ever. Default 30 days. */
  keepMs?: number
  /** How long it is known who did what, in milliseconds; Infinity: for ever. Default 90 days. */
  auditKeepMs?: number
  /** Where this process dies, for tests. */
  crash?: string
  /** In a worker thread. Default: when built; from source, in this process. */
  thread?: boolean
  /** The thread has died: every call from then on is refused, and the server should end. */
  onFailure?: (error: Error) => void
}

/**
 * Opens the store in this file, or makes it. Rejects with `BusError('bad_request')` for a database of a newer Drumline.
 * One process at a time may have it open: it keeps its counter in memory.
 */
export async function openSqlite(file: string, options: SqliteOptions): Promise<Store> {
  const { clock, keepMs = KEEP_MS, thread = isBuilt(import.meta.url), onFailure = () => {}, ...rest } = options
  const engine = { file, keepMs, ...rest }
  const link = thread ? await ThreadLink.open(engine) : new LocalLink(engine)
  return storeOver(new Front(link, clock, onFailure))
}
