import { BusError, type StepSpec, type WorkflowSpec } from '../../../protocol/index.ts'
import type { NewWorkflow } from '../store.ts'
import type { Timings } from './timings.ts'

/** What a schema cannot see: how parts of a submission fit together. Whoever submits, by whichever door. */
export function checkSpecs(
  specs: readonly WorkflowSpec[],
  secrets: Readonly<Record<string, string>>,
  timings: Timings,
): void {
  for (const spec of specs) {
    const leaseMs = spec.leaseMs ?? timings.leaseMs
    if (leaseMs < timings.leaseMin) refuse(spec, `a lease is at least ${timings.leaseMin / 1000} s`)
    if (spec.graceMs > leaseMs / 3) refuse(spec, 'the grace is at most a third of the lease')
    const missing = spec.secrets.find((name) => !Object.hasOwn(secrets, name))
    if (missing !== undefined) refuse(spec, `the value of the secret ${missing} was not given`)
    checkSteps(spec)
  }
}

function refuse(spec: WorkflowSpec, why: string): never {
  throw new BusError('bad_request', `${spec.name}: ${why}`)
}

function checkSteps(spec: WorkflowSpec): void {
  const byId = new Map(spec.steps.map((step) => [step.id, step]))
  if (byId.size < spec.steps.length) refuse(spec, 'two steps have the same id')
  if (new Set(spec.steps.map((step) => step.name)).size < spec.steps.length)
    refuse(spec, 'two steps have the same name')
  for (const step of spec.steps) {
    const unknown = step.dependsOn?.find((id) => !byId.has(id))
    if (unknown !== undefined) refuse(spec, `step ${step.name} depends on ${unknown}, which is not there`)
  }
  const parents = (step: StepSpec) => (step.dependsOn ?? []).flatMap((id) => byId.get(id) ?? [])
  const ring = inOrder(spec.steps, parents).ring
  if (ring !== undefined) refuse(spec, `step ${ring.name} depends on itself`)
}

/** Parents within one call, by name, and an order in which each comes after its parents. */
export function dependenciesWithin(workflows: readonly NewWorkflow[]): {
  order: NewWorkflow[]
  parents: Map<string, NewWorkflow[]>
} {
  const named = (name: string) => workflows.filter(({ spec }) => spec.name === name)
  const parents = new Map(workflows.map(({ id, spec }) => [id, spec.dependsOn.flatMap(named)]))
  const { order, ring } = inOrder(workflows, ({ id }) => parents.get(id) ?? [])
  if (ring !== undefined) {
    throw new BusError('bad_request', `${ring.spec.name} depends on itself, by way of what it depends on`)
  }
  return { order, parents }
}

/** Each after its parents, otherwise as given; or a member of a ring. */
function inOrder<T>(items: readonly T[], parentsOf: (item: T) => readonly T[]): { order: T[]; ring: T | undefined } {
  const placed = new Set<T>()
  let left = [...items]
  while (left.length > 0) {
    const ready = left.filter((item) => parentsOf(item).every((parent) => placed.has(parent)))
    if (ready.length === 0) break
    for (const item of ready) placed.add(item)
    left = left.filter((item) => !placed.has(item))
  }
  // What merely waits for a ring is no member: walk up until one is met twice.
  const seen = new Set<T>()
  let at = left[0]
  while (at !== undefined && !seen.has(at)) {
    seen.add(at)
    at = parentsOf(at).find((parent) => !placed.has(parent))
  }
  return { order: [...placed], ring: at }
}
