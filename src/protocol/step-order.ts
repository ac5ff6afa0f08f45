import type { StepSpec } from './workflow.ts'

/**
 * Which steps each of them starts after, by id. Without any `dependsOn` they run in order; with one anywhere they are a
 * graph, and a step without it waits for nobody. An empty list counts: it is how a step says so.
 */
export function startsAfter(
  steps: readonly Pick<StepSpec, 'id' | 'dependsOn'>[],
): { id: string; after: readonly string[] }[] {
  const graph = steps.some(({ dependsOn }) => dependsOn !== undefined)
  return steps.map(({ id, dependsOn = [] }, index) => {
    const previous = steps.slice(Math.max(0, index - 1), index)
    return { id, after: graph ? dependsOn : previous.map((step) => step.id) }
  })
}
