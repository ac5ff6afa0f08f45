import { LEASE, LOGS, SHAPE } from '../../../protocol/index.ts'

/** The store's deadlines in milliseconds. */
export interface Timings {
  /** Time to live of a lease that names none. */
  leaseMs: number
  leaseMin: number
  offerMs: number
  expireLateMs: number
  aliveMs: number
  awayMs: number
  stopLateMs: number
  timeoutLateMs: number
  logsIdleMs: number
  keyMs: number
}

/** With test timings every margin shrinks as the lease does, down to what a busy machine still meets. */
export function timingsFor(options: { leaseMs: number; testTimings: boolean }): Timings {
  const scale = options.testTimings ? Math.min(1, options.leaseMs / LEASE.ttlMs) : 1
  const scaled = (ms: number, floor: number) => Math.min(ms, Math.max(floor, Math.round(ms * scale)))
  return {
    leaseMs: options.leaseMs,
    leaseMin: options.testTimings ? LEASE.ttlTest : LEASE.ttlMin,
    offerMs: scaled(LEASE.offerMs, 2_000),
    expireLateMs: scaled(LEASE.expireLateMs, 200),
    aliveMs: scaled(LEASE.aliveMs, 200),
    awayMs: scaled(LEASE.awayMs, 1_000),
    stopLateMs: scaled(LEASE.stopLateMs, 1_000),
    timeoutLateMs: scaled(LEASE.timeoutLateMs, 1_000),
    logsIdleMs: scaled(LOGS.idleMs, 5_000),
    keyMs: SHAPE.keyMs,
  }
}
