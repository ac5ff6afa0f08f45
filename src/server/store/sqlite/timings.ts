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
  /** How long an ended workflow is kept; Infinity: for ever. */
  keepMs: number
  /** How long it is known who did what; Infinity: for ever. */
  auditKeepMs: number
  /** How long an agent that will not come back as itself may be offline before it is forgotten. */
  awayAgentMs: number
}

export interface TimingsOptions {
  leaseMs: number
  testTimings: boolean
  keepMs: number
  /** Default 90 days. */
  auditKeepMs?: number
}

/** How long an ended workflow is kept unless told otherwise. */
export const KEEP_MS = 30 * 24 * 3_600_000
const AUDIT_KEEP_MS = 90 * 24 * 3_600_000
const AWAY_AGENT_MS = 24 * 3_600_000

/** With test timings every margin shrinks as the lease does, down to what a busy machine still meets. */
export function timingsFor(options: TimingsOptions): Timings {
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
    keepMs: options.keepMs,
    auditKeepMs: options.auditKeepMs ?? AUDIT_KEEP_MS,
    awayAgentMs: scaled(AWAY_AGENT_MS, 5_000),
  }
}
