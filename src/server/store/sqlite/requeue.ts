import { BusError, type WorkflowView } from '../../../protocol/index.ts'
import { EVERYTHING } from '../../scope.ts'
import { unknownWorkflow } from '../../workflow-of.ts'
import type { Intent, Key } from '../store.ts'
import { specOf } from './dependents.ts'
import { closeAttempt, revoke } from './endings.ts'
import { holdOf, openAttempt, revokeIntent } from './intents.ts'
import { once } from './keys.ts'
import type { Tx } from './tx.ts'
import { workflowView } from './views.ts'
import { changeWork, hasEnded, type Work, workById } from './work.ts'

/** Back into the line: the cancel is cleared, the attempt closed, losses count anew. What waits already stays. */
export function requeue(
  tx: Tx,
  id: string,
  key?: Key,
  scope = EVERYTHING,
): { workflow: WorkflowView; intents: Intent[] } {
  const intents: Intent[] = []
  once(tx, key, () => {
    const work = workById(tx, id, scope)
    if (work === undefined) throw unknownWorkflow(id)
    if (hasEnded(work.state)) refuseWithoutSecrets(tx, work)
    begin(tx, work, intents)
    return null
  })
  const workflow = workflowView(tx, id, scope)
  if (workflow === null) throw unknownWorkflow(id)
  return { workflow, intents }
}

function refuseWithoutSecrets(tx: Tx, work: Work): void {
  if (specOf(tx, work.ord).secrets.length === 0) return
  throw new BusError('conflict', 'its secrets were erased when it ended: submit it again')
}

function begin(tx: Tx, work: Work, intents: Intent[]): void {
  const anew = { losses: 0, offers: 0 }
  if (work.state === 'waiting' || work.state === 'pending') {
    changeWork(tx, work, anew)
    return
  }
  const revision = work.revision + 1
  const lost = work.state === 'running' ? 'requeued' : work.lost
  if (!hasEnded(work.state)) {
    const attempt = closeAttempt(tx, openAttempt(tx, work), 'requeued')
    intents.push(revokeIntent(revoke(tx, attempt, revision, 'requeued'), work))
  } else {
    // Its outcome is open again for whoever still waits for it.
    tx.db.run('UPDATE dependency SET outcome = NULL WHERE parent = ?', work.id)
  }
  const cleared = { cancel_reason: null, canceled: null, received: null, stopping: null, stopped: null }
  const times = { started: null, finished: null, ended: null, error: null }
  const notBefore = holdOf(tx, work)
  changeWork(tx, work, {
    ...anew,
    ...cleared,
    ...times,
    state: 'pending',
    lease: null,
    lost,
    revision,
    not_before: notBefore,
  })
}
