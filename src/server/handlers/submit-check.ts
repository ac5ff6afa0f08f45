import { BusError, type ErrorDetail, MESSAGE, type WorkflowSpec } from '../../protocol/index.ts'
import type { Params } from '../context.ts'
import type { Timings } from '../timings.ts'

/** An offer must reach its agent in one message, beside whatever else its frame holds. */
const OFFER_BYTES = MESSAGE.bytes - 8 * 1024

/** What the schemas cannot say of a submit, whichever door it came through. Throws `bad_request` or `too_large`. */
export function checkSubmit({ workflows, secrets }: Params<'submit'>, timings: Timings): void {
  const details = workflows.flatMap((spec) => problems(spec, secrets, timings).map((message) => named(spec, message)))
  const first = details[0]
  if (first !== undefined) throw new BusError('bad_request', first.message, { details })
  for (const spec of workflows) {
    const bytes = Buffer.byteLength(JSON.stringify(spec))
    if (bytes > OFFER_BYTES) {
      throw new BusError('too_large', `${spec.name}: ${bytes} bytes as an offer, at most ${OFFER_BYTES}`)
    }
  }
}

function named(spec: WorkflowSpec, message: string): ErrorDetail {
  return { message: `${spec.name}: ${message}` }
}

function problems(spec: WorkflowSpec, secrets: Readonly<Record<string, string>>, timings: Timings): string[] {
  return [...leaseProblems(spec, timings), ...secretProblems(spec, secrets), ...stepProblems(spec)]
}

function leaseProblems(spec: WorkflowSpec, { leaseMs, leaseMin }: Timings): string[] {
  const ttl = spec.leaseMs ?? leaseMs
  if (ttl < leaseMin) return [`the lease must be at least ${leaseMin} ms`]
  if (spec.graceMs > ttl / 3) return [`the grace of ${spec.graceMs} ms is over a third of the lease of ${ttl} ms`]
  return []
}

function secretProblems(spec: WorkflowSpec, secrets: Readonly<Record<string, string>>): string[] {
  return spec.secrets
    .filter((name) => !Object.hasOwn(secrets, name))
    .map((name) => `the secret ${name} was not given a value`)
}

function stepProblems({ steps }: WorkflowSpec): string[] {
  const ids = new Set(steps.map(({ id }) => id))
  const found: string[] = []
  if (ids.size < steps.length) found.push('two steps have one id')
  if (new Set(steps.map(({ name }) => name)).size < steps.length) found.push('two steps have one name')
  for (const step of steps) {
    const unknown = step.dependsOn?.find((id) => !ids.has(id))
    if (unknown !== undefined) found.push(`step ${step.name} depends on ${unknown}, which is no step`)
  }
  if (found.length === 0 && isCircular(steps)) found.push('its steps wait for each other')
  return found
}

function isCircular(steps: WorkflowSpec['steps']): boolean {
  const open = new Map(steps.map(({ id, dependsOn }) => [id, new Set(dependsOn)]))
  for (let progress = true; progress; ) {
    progress = false
    for (const [id, waits] of open) {
      if (waits.size > 0) continue
      open.delete(id)
      for (const others of open.values()) others.delete(id)
      progress = true
    }
  }
  return open.size > 0
}
