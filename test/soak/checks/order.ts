import type { Case, Violation } from '../evidence.ts'
import type { StepRecord } from '../step-script.ts'

/** A workflow begins after the end of those that it waits for. */
export function checkOrder(
  { plan, records }: Pick<Case, 'plan' | 'records'>,
  byName: ReadonlyMap<string, readonly StepRecord[]>,
): Violation[] {
  const [first] = records
  if (first === undefined) return []
  return plan.dependsOn.flatMap((name) => {
    const late = byName.get(name)?.filter(({ at }) => at > first.at)
    const [record] = late ?? []
    if (record === undefined) return []
    const evidence = `began at ${first.at}, while ${name} was at work on ${record.agent} at ${record.at}`
    return [{ rule: 'began before its time', workflow: plan.name, attempt: first.attempt, evidence }]
  })
}
