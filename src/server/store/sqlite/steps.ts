import type { StepSpec, StepStateName } from '../../../protocol/index.ts'
import type { Tx } from './tx.ts'

/** A step's row: one of an accepted attempt. */
export interface Step {
  step_id: string
  name: string
  /** Its failure is ignored. */
  soft: number
  version: number
  seq: number
  state: StepStateName
  started: number | null
  finished: number | null
  /** When its end was heard of, by the store's clock. */
  ended: number | null
  exit_code: number | null
  error: string
  /** Lines on disk, from the first. */
  upto: number
  /** Lines it wrote, once known. */
  expected: number | null
}

export function stepsOf(tx: Tx, lease: string): Step[] {
  return tx.db.all<Step>(
    `SELECT step_id, name, soft, version, seq, state, started, finished, ended, exit_code, error, upto, expected
     FROM step WHERE lease = ? ORDER BY idx`,
    lease,
  )
}

/** Fresh rows of an attempt that was accepted. */
export function makeSteps(tx: Tx, lease: string, steps: readonly StepSpec[]): void {
  const version = tx.next()
  for (const [index, step] of steps.entries()) {
    tx.db.run(
      `INSERT INTO step (lease, step_id, idx, name, soft, version, seq, state, error, upto)
       VALUES (?, ?, ?, ?, ?, ?, 0, 'pending', '', 0)`,
      lease,
      step.id,
      index,
      step.name,
      ignoresFailure(step) ? 1 : 0,
      version,
    )
  }
}

export function ignoresFailure({ failure, detach }: StepSpec): boolean {
  return failure === 'ignore' || detach === true
}
