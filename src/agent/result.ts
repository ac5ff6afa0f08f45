import type { ParamsOf, WorkflowState } from '../protocol/index.ts'
import { BusError } from '../protocol/index.ts'
import { type Attempt, ERROR_CHARS } from './attempt.ts'
import type { Core } from './core.ts'

type Result = ParamsOf<'done'>

/** The work has settled: notes how, and tells the server. Rejects with what it refuses the result for. */
export async function finish(core: Core, attempt: Attempt, state: WorkflowState): Promise<void> {
  const { lease } = attempt
  const told = { ...state, error: attempt.errorText(state.error, ERROR_CHARS) }
  const steps = attempt.results(told, (stepId) => core.spool.lines(lease, stepId))
  const result = { lease, state: told, steps }
  if (core.journal !== undefined) await note(core, result)
  // Taken away while it was being noted.
  if (attempt.lost !== undefined) throw attempt.lost
  await deliverResult(core, attempt, result)
}

/** Tells the server how the work of a lease ended, until it is answered. */
export async function deliverResult(core: Core, attempt: Attempt, result: Result): Promise<void> {
  const { leases, probe } = core
  try {
    await core.deliver(attempt, 'done', result)
    probe('agent.done.answered')
  } catch (error) {
    if (!(error instanceof BusError)) throw error
    if (error.code !== 'already_done') {
      // The server will not have it: nobody is helped by claiming the lease any longer.
      leases.lose(attempt, 'lost', `the result was refused: ${error.message}`)
      throw error
    }
  }
  leases.close(attempt)
}

/** A result that cannot be noted is still worth telling. */
async function note({ journal, log, probe }: Core, result: Result): Promise<void> {
  try {
    await journal?.result(result)
    probe('agent.result.journaled')
  } catch (error) {
    const { lease } = result
    log.error({ lease, error: String(error) }, 'a result is not in the journal: killed now, the work would run again')
  }
}
