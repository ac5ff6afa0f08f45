import { BusError, type Labels, MESSAGE, SHAPE, type WorkflowSpec } from '../../protocol/index.ts'
import type { Scope } from '../scope.ts'
import type { Timings } from '../timings.ts'

/** An offer must reach its agent in one message, beside whatever else its frame holds. */
const OFFER_BYTES = MESSAGE.bytes - 8 * 1024

/** A workflow as the store is to have it. What the store cannot know is the size of a message: `too_large`. */
export function submitted(given: WorkflowSpec, timings: Timings, scope: Scope): WorkflowSpec {
  const spec = { ...given, labels: labelled(given, scope) }
  const bytes = Buffer.byteLength(JSON.stringify(spec))
  if (bytes > OFFER_BYTES) {
    throw new BusError('too_large', `${spec.name}: ${bytes} bytes as an offer, at most ${OFFER_BYTES}`)
  }
  if (!timings.test) return spec
  // Leases of seconds and graces meant for minutes: in proportion, like every other margin of a test.
  const third = Math.floor((spec.leaseMs ?? timings.leaseMs) / 3)
  return { ...spec, graceMs: Math.min(spec.graceMs, third) }
}

/**
 * What is submitted from a scope is in it. A file that says otherwise was meant for elsewhere: `bad_request`, rather than
 * to run it where its author did not mean it to.
 */
function labelled({ name, labels }: WorkflowSpec, scope: Scope): Labels {
  for (const [key, value] of Object.entries(scope)) {
    const given = Object.hasOwn(labels, key) ? labels[key] : value
    if (given !== value)
      refuse(name, `the label ${key}=${given} is not this credential's, which is for ${key}=${value}`)
  }
  const all = { ...labels, ...scope }
  const count = Object.keys(all).length
  if (count > SHAPE.labels) refuse(name, `${count} labels with those of this credential, at most ${SHAPE.labels}`)
  return all
}

function refuse(name: string, why: string): never {
  throw new BusError('bad_request', `${name}: ${why}`)
}
