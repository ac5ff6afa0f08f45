import type { WorkflowStateName } from '../../protocol/index.ts'

const WORDS = {
  running: 'running',
  offered: 'starting',
  pending: 'pending',
  waiting: 'waiting',
  success: 'succeeded',
  failure: 'failed',
  error: 'could not run',
  canceled: 'canceled',
  skipped: 'skipped',
} as const satisfies Record<WorkflowStateName, string>

/** How many are where: `1 running, 3 succeeded`. */
export function tally(views: readonly { readonly state: WorkflowStateName }[]): string {
  const counts = Object.entries(WORDS).map(([state, word]) => {
    const count = views.filter((view) => view.state === state).length
    return count === 0 ? [] : [`${count} ${word}`]
  })
  return counts.flat().join(', ')
}
