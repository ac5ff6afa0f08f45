import type { AgentInfo, Clock, Log, Peer } from '../protocol/index.ts'
import type { Store } from './store/store.ts'

export interface ServerOptions {
  /** Address to listen on. Default 127.0.0.1. */
  host?: string
  /** Default 7800; 0 is any free one. */
  port?: number
  /** Directory of the database, the admin token and the lock; made if missing, for this user only. */
  data: string
  /** Default: SQLite in the data directory. It is closed with the server. */
  store?: Store
  /** Time to live of a lease that names none, in milliseconds. Default 5 minutes; at least 30 s, in tests 1 s. */
  leaseMs?: number
  /** Leases from 1 s, margins in proportion. For tests only. */
  testTimings?: boolean
  /** Becomes the admin token at the first start. Default: a new one. */
  adminToken?: string
  log?: Log
  clock?: Clock
}

export interface Server {
  /** Where it listens: `http://127.0.0.1:7800`. */
  readonly url: string
  readonly port: number
  readonly adminTokenFile: string
  /** Resolves when the server has ended, whoever asked for it; rejects if it had to end because its store failed. */
  readonly closed: Promise<void>
  /** An agent in this process, over the same queue and store. Rejects with `CloseError` if its name is in use. */
  peer(info: AgentInfo): Promise<Peer & { close(): Promise<void> }>
  /** No more offers, every client leaves at its slot (60 s at most), then `close`. Waits for no workflow. */
  drain(): Promise<void>
  /** Ends at once and loses nothing: what was asked of the store is written. Idempotent. */
  close(): Promise<void>
}
