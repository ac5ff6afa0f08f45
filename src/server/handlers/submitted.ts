import { BusError, MESSAGE, type WorkflowSpec } from '../../protocol/index.ts'
import type { Timings } from '../timings.ts'

/** An offer must reach its agent in one message, beside whatever else its frame holds. */
const OFFER_BYTES = MESSAGE.bytes - 8 * 1024

/** A workflow as the store is to have it. What the store cannot know is the size of a message: `too_large`. */
export function submitted(spec: WorkflowSpec, timings: Timings): WorkflowSpec {
  const bytes = Buffer.byteLength(JSON.stringify(spec))
  if (bytes > OFFER_BYTES) {
    throw new BusError('too_large', `${spec.name}: ${bytes} bytes as an offer, at most ${OFFER_BYTES}`)
  }
  if (!timings.test) return spec
  // Leases of seconds and graces meant for minutes: in proportion, like every other margin of a test.
  const third = Math.floor((spec.leaseMs ?? timings.leaseMs) / 3)
  return { ...spec, graceMs: Math.min(spec.graceMs, third) }
}
