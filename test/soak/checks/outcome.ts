import type { WorkflowStateName } from '../../../src/protocol/index.ts'
import type { Case, Violation } from '../evidence.ts'

export const ENDED: readonly WorkflowStateName[] = ['success', 'failure', 'canceled', 'skipped', 'error']

/** What was acknowledged is there, and ended as its plan allows. `others`: how the workflows it may wait for ended, by name. */
export function checkOutcome(
  { plan, canceled, found }: Case,
  others: ReadonlyMap<string, WorkflowStateName | undefined>,
): Violation[] {
  const workflow = plan.name
  if (found === null) return [{ rule: 'acknowledged and missing', workflow, evidence: 'the server does not know it' }]
  const { state, error } = found
  const violations: Violation[] = []
  const add = (rule: string, evidence: string) => violations.push({ rule, workflow, attempt: found.attempt, evidence })
  if (!ENDED.includes(state)) add('not ended', `it is ${state}`)
  else {
    const allowed = canceled ? 'canceled' : runs(plan, others) ? plan.ending : 'skipped'
    if (state !== allowed) add('wrong outcome', `${state} in place of ${allowed}; error ${JSON.stringify(error)}`)
  }
  if (found.logs === 'open') add('log never settled', `its log is open while it is ${state}`)
  return violations
}

function runs({ dependsOn, runsOn }: Case['plan'], others: ReadonlyMap<string, WorkflowStateName | undefined>) {
  if (dependsOn.length === 0) return true
  const good = dependsOn.every((name) => others.get(name) === 'success')
  return good ? runsOn.length === 0 || runsOn.includes('success') : runsOn.includes('failure')
}
