import type { Environment, Labels, WorkflowSpec } from '../protocol/index.ts'

/** What whoever submits says over the files. */
export interface Amendment {
  readonly name?: string | undefined
  readonly environment?: Environment | undefined
  readonly labels?: Labels | undefined
  readonly graceMs?: number | undefined
}

/** The workflows with what was said beside them, which wins over the files. */
export function amend(workflows: readonly WorkflowSpec[], said: Amendment): WorkflowSpec[] {
  return workflows.map((workflow) => ({
    ...workflow,
    name: said.name ?? workflow.name,
    environment: { ...workflow.environment, ...said.environment },
    labels: { ...workflow.labels, ...said.labels },
    graceMs: said.graceMs ?? workflow.graceMs,
  }))
}
