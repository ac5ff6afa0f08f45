import { LEASE, LIVENESS } from '../protocol/index.ts'

/** The server's own times in milliseconds. Under `--test-timings` they shrink with the lease. */
export interface Timings {
  readonly leaseMs: number
  /** For tests: graces shrink like everything else. */
  readonly test: boolean
  readonly sweepMs: number
  readonly pruneMs: number
  readonly repeatMs: number
  /** How often a socket is pinged. */
  readonly pingMs: number
  /** How long a doubted socket may take to answer a ping. */
  readonly probeMs: number
  /** The wait of a newcomer whose name is taken. */
  readonly takenMs: number
  /** The drain's slots are spread over at least and at most this. */
  readonly drainMin: number
  readonly drainMax: number
}

export function timingsOf(leaseMs: number, test: boolean): Timings {
  const scale = test ? Math.min(1, leaseMs / LEASE.ttlMs) : 1
  const scaled = (ms: number, least: number) => Math.max(Math.min(ms, least), Math.round(ms * scale))
  return {
    leaseMs,
    test,
    sweepMs: scaled(1000, 100),
    pruneMs: scaled(60_000, 250),
    repeatMs: scaled(LEASE.repeatMs, 250),
    pingMs: scaled(LIVENESS.pingMs, 500),
    probeMs: scaled(LIVENESS.helloMs, 1000),
    takenMs: scaled(60_000, 1000),
    drainMin: scaled(5_000, 100),
    drainMax: scaled(60_000, 1000),
  }
}
