import type { StepView } from '../../protocol/index.ts'

/**
 * The step that a reader sees who has chosen none: what runs, else what failed, else what was done last. `before`, the one
 * seen until now, stays as long as it runs, and when there is nothing better: nobody is taken away from what he reads.
 */
export function stepOfInterest(steps: readonly StepView[], before?: string): StepView | undefined {
  const seen = steps.find(({ id }) => id === before)
  if (seen?.state === 'running') return seen
  const running = steps.find(({ state, detach }) => state === 'running' && !detach)
  const failed = steps.find(({ state, ignoresFailure }) => state === 'failure' && !ignoresFailure)
  return running ?? failed ?? seen ?? lastBegun(steps) ?? steps[0]
}

function lastBegun(steps: readonly StepView[]): StepView | undefined {
  const begun = steps.filter(({ started }) => started !== null)
  return begun.toSorted((a, b) => (a.started?.getTime() ?? 0) - (b.started?.getTime() ?? 0)).at(-1)
}
