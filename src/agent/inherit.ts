import { LeaseLost } from '../protocol/index.ts'
import type { Core } from './core.ts'
import { messageOf } from './job-step.ts'
import type { Journal } from './journal/journal.ts'
import type { Held } from './journal/state.ts'
import { deliverResult } from './result.ts'

/**
 * Takes up what a dead predecessor left: results to be told, work that nobody runs any more, and the lines of both.
 * Resolves once the server has answered every result. Never rejects.
 */
export async function inherit(core: Core, journal: Journal): Promise<void> {
  await Promise.all(journal.inherited.map((held) => takeUp(core, journal, held)))
}

async function takeUp(core: Core, journal: Journal, held: Held): Promise<void> {
  const { offer, result } = held
  const { workflowId, lease } = offer
  const attempt = core.leases.inherit(offer, result === undefined ? 'interrupted' : 'done')
  for (const { stepId, parts } of journal.legacy(held)) core.spool.restore(lease, stepId, parts)
  if (result === undefined) {
    core.log.warn({ workflowId, lease }, 'was interrupted: the agent before this one was killed while it ran')
    return
  }
  try {
    await deliverResult(core, attempt, result)
    core.log.info({ workflowId, lease }, 'delivered a result that the agent before this one could not deliver')
  } catch (error) {
    // Whoever took the lease away has said so.
    if (error instanceof LeaseLost) return
    core.log.error({ workflowId, lease, error: messageOf(error) }, 'a result of the agent before this one was refused')
  }
}
