import { LEASE } from '../protocol/index.ts'

/**
 * The agent's own end of a lease: without an answer from the server it stops its work before the server may hand it to
 * somebody else. Counted from the *sending* of the last `init`, `extend` or `hello` that was answered, in milliseconds.
 */
export interface Fence {
  /** Begin to stop: what the grace and the margin leave of the time to live. */
  readonly stopAfterMs: number
  /** SIGTERM to SIGKILL; the workflow's grace, or a third of a lease that is too short for it. */
  readonly graceMs: number
  /** Half of the margin later: what still runs then is killed by the guardian, since the agent cannot. */
  readonly lastMs: number
}

/** The margin is 5 s; leases under 30 s (tests only) scale it, as everything else, to a sixth of the lease. */
export function fenceOf(ttlMs: number, graceMs: number): Fence {
  const margin = Math.min(LEASE.fenceMarginMs, ttlMs * (LEASE.fenceMarginMs / LEASE.ttlMin))
  const grace = Math.min(graceMs, ttlMs / 3)
  return { stopAfterMs: ttlMs - grace - margin, graceMs: grace, lastMs: ttlMs - margin / 2 }
}

/**
 * How often to extend: every 20 s, for a short lease once more often than the three times a TTL that are asked, so
 * that one lost answer costs nothing.
 */
export function extendEvery(ttlMs: number): number {
  return Math.min(LEASE.extendMs, ttlMs / (LEASE.extendsPerTtl + 1))
}
