import { BusError, type StepResult, type StepStateName, type WorkflowState } from '../../../protocol/index.ts'
import type { By } from '../store.ts'
import { ownedAttempt, stale } from './attempt.ts'
import { closeAttempt, endWork } from './endings.ts'
import { type Step, stepsOf } from './steps.ts'
import type { Tx } from './tx.ts'
import { changeWork, type Work, workByOrd } from './work.ts'

/** `done`: the first wins. The server's cancel wins over whatever the agent reports. */
export function finish(tx: Tx, by: By, lease: string, state: WorkflowState, results: readonly StepResult[]): void {
  const attempt = ownedAttempt(tx, by, lease)
  if (attempt.how === 'done') throw new BusError('already_done', 'this attempt was done before', { outcome: 'applied' })
  const steps = stepsOf(tx, lease)
  const byId = new Map(results.map((result) => [result.stepId, result]))
  const known = steps.filter((step) => byId.has(step.step_id)).length
  if (attempt.state !== 'running' || known !== byId.size) throw stale()
  for (const step of steps) record(tx, lease, step, byId.get(step.step_id))
  const whole = steps.every((step) => step.upto >= (byId.get(step.step_id)?.lines ?? 0))
  closeAttempt(tx, attempt, 'done', { logs: !whole ? 'open' : attempt.gaps > 0 ? 'incomplete' : 'complete' })
  const work = workByOrd(tx, attempt.workflow)
  endWork(tx, stopped(tx, work), outcomeOf(work, steps, byId, state), {
    error: state.error === '' ? null : state.error,
    finished: state.finished > 0 ? state.finished : tx.now,
    stepsEnded: steps.every((step) => isFinal(byId.get(step.step_id)?.state ?? step.state)),
  })
}

function isFinal(state: StepStateName): boolean {
  return state !== 'pending' && state !== 'running'
}

function record(tx: Tx, lease: string, step: Step, result: StepResult | undefined): void {
  // Never reported: what is on disk is all there will be.
  const { state, started, finished, exitCode, error, lines } = result ?? {
    state: step.state,
    started: step.started,
    finished: step.finished,
    exitCode: step.exit_code,
    error: step.error,
    lines: step.upto,
  }
  tx.db.run(
    `UPDATE step SET version = ?, state = ?, started = ?, finished = ?, exit_code = ?, error = ?, expected = ?,
       ended = coalesce(ended, ?) WHERE lease = ? AND step_id = ?`,
    tx.next(),
    state,
    started,
    finished,
    exitCode,
    error,
    lines,
    isFinal(state) ? tx.now : null,
    lease,
    step.step_id,
  )
}

function outcomeOf(
  work: Work,
  steps: readonly Step[],
  results: ReadonlyMap<string, StepResult>,
  state: WorkflowState,
): 'success' | 'failure' | 'canceled' {
  if (state.canceled || work.canceled !== null) return 'canceled'
  const failed = steps.some((step) => step.soft === 0 && (results.get(step.step_id)?.state ?? step.state) === 'failure')
  return failed || state.error !== '' ? 'failure' : 'success'
}

/** Who is done has stopped. */
function stopped(tx: Tx, work: Work): Work {
  if (work.canceled === null || work.stopped !== null) return work
  const { received, stopping } = work
  return changeWork(tx, work, {
    received: received ?? tx.now,
    stopping: stopping ?? tx.now,
    stopped: tx.now,
  })
}
