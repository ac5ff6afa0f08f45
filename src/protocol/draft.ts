import { LEASE } from './limits.ts'
import type { StepSpec, WorkflowSpec } from './workflow.ts'

/** A step as a program writes it. */
export interface StepDraft extends Partial<Omit<StepSpec, 'name'>> {
  /** Unique in its workflow. */
  name: string
}

/** A workflow as a program writes it. */
export interface WorkflowDraft extends Partial<Omit<WorkflowSpec, 'name' | 'steps'>> {
  /** For people; several workflows may have it. */
  name: string
  /** In the order in which they run, unless one has `dependsOn`. At least one. */
  steps: StepDraft[]
}

/**
 * A workflow with everything it has to have: what is left out has the default that it has in a workflow file, and steps
 * without an id are `s1`, `s2` … by their position. It checks nothing; `submit` does.
 */
export function workflowSpec({ steps, ...given }: WorkflowDraft): WorkflowSpec {
  return {
    labels: {},
    environment: {},
    priority: 0,
    timeoutMs: 3_600_000,
    graceMs: LEASE.graceMs,
    onOutage: 'stop',
    maxAttempts: LEASE.attemptsMax,
    dependsOn: [],
    runsOn: [],
    secrets: [],
    ...given,
    steps: steps.map((step, index) => ({ id: `s${index + 1}`, commands: [], ...step })),
  }
}
