import { type Offer, type StepSpec, type WorkflowSpec, workflowSpec } from '../../src/protocol/index.ts'

interface Wanted extends Partial<Omit<Offer, 'workflow'>> {
  workflow?: Partial<WorkflowSpec>
  steps?: string[]
}

/** An offer with what a test does not care about filled in. */
export function offer(lease: string, { workflow, steps = ['build'], ...rest }: Wanted = {}): Offer {
  return {
    workflowId: `w-${lease}`,
    lease,
    attempt: 1,
    ttlMs: 300_000,
    offerMs: 10_000,
    ...rest,
    workflow: workflowSpec({ name: 'ci', steps: steps.map(step), ...workflow }),
  }
}

function step(name: string): StepSpec {
  return { id: name, name, commands: ['true'] }
}

/** What `init` says. */
export const BEGUN = { started: 1, finished: 0, error: '', canceled: false }
/** What `done` says of a success. */
export const ENDED = { started: 1, finished: 2, error: '', canceled: false }
