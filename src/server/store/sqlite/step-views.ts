import { type StepView, startsAfter, type WorkflowSpec, type WorkflowStateName } from '../../../protocol/index.ts'
import { dateOf } from './dates.ts'
import { ignoresFailure, type Step } from './steps.ts'
import { hasEnded } from './work.ts'

/** Of one step's error: a view of a hundred steps stays one message. */
const ERROR_CHARS = 500

interface Of {
  state: WorkflowStateName
  canceled: number | null
}

/** The steps of a workflow as its attempt has them: fresh ones where there is none. */
export function stepViews(spec: WorkflowSpec, rows: readonly Step[], workflow: Of): StepView[] {
  const known = new Map(rows.map((row) => [row.step_id, row]))
  const order = startsAfter(spec.steps)
  return spec.steps.map((step, index) => {
    const row = known.get(step.id)
    return {
      id: step.id,
      name: step.name,
      ...(row === undefined ? untouched(workflow.state) : worked(row, workflow.canceled)),
      dependsOn: [...(order[index]?.after ?? [])],
      detach: step.detach === true,
      ignoresFailure: ignoresFailure(step),
    }
  })
}

function worked(row: Step, canceled: number | null) {
  return {
    state: row.state,
    exitCode: row.exit_code,
    started: dateOf(row.started),
    finished: dateOf(row.finished),
    error: row.error === '' ? null : row.error.slice(0, ERROR_CHARS),
    stopMs: stopMsOf(row, canceled),
    lines: row.upto,
  }
}

/** By the store's clock alone: the agent's may be another. */
function stopMsOf({ started, ended }: Step, canceled: number | null): number | null {
  const met = canceled !== null && started !== null && ended !== null && ended >= canceled
  return met ? ended - canceled : null
}

function untouched(workflow: WorkflowStateName) {
  const state = !hasEnded(workflow) ? 'pending' : workflow === 'canceled' ? 'canceled' : 'skipped'
  return { state, exitCode: null, started: null, finished: null, error: null, stopMs: null, lines: 0 } as const
}
