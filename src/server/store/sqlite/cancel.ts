import { EVERYTHING } from '../../scope.ts'
import type { CancelAnswer, Intent, Key } from '../store.ts'
import { changeAttempt } from './attempt.ts'
import { settleDependents } from './dependents.ts'
import { closeAttempt, endWork, revoke } from './endings.ts'
import { cancelIntent, openAttempt, revokeIntent } from './intents.ts'
import { once } from './keys.ts'
import type { Tx } from './tx.ts'
import { changeWork, hasEnded, type Work, workById } from './work.ts'

type Told = CancelAnswer['workflows'][number]

/** Cancels several: what has not begun ends at once, what runs is told. Dependents go on after all of them. */
export function requestCancel(
  tx: Tx,
  ids: readonly string[],
  reason: string,
  key?: Key,
  scope = EVERYTHING,
): CancelAnswer {
  const intents: Intent[] = []
  const { value } = once(tx, key, () => {
    const ended: Work[] = []
    const workflows = ids.map((id) => {
      const work = workById(tx, id, scope)
      return work === undefined ? { id, state: null, already: false } : cancelOne(tx, work, reason, intents, ended)
    })
    settleDependents(tx, ended)
    return workflows
  })
  return { workflows: value, intents }
}

function cancelOne(tx: Tx, work: Work, reason: string, intents: Intent[], ended: Work[]): Told {
  const { id } = work
  if (hasEnded(work.state)) return { id, state: work.state, already: true }
  // Asked before: nothing new is told, the agent acts once on a revision.
  if (work.canceled !== null) return { id, state: work.state, already: false }
  const asked = changeWork(tx, work, { revision: work.revision + 1, cancel_reason: reason, canceled: tx.now })
  if (work.state === 'running') {
    intents.push(tellRunning(tx, asked))
    return { id, state: 'running', already: false }
  }
  if (work.state === 'offered') {
    const attempt = closeAttempt(tx, openAttempt(tx, asked), 'canceled')
    intents.push(revokeIntent(revoke(tx, attempt, asked.revision, reason), asked))
  }
  ended.push(endWork(tx, asked, 'canceled', { settleLater: true }))
  return { id, state: 'canceled', already: false }
}

function tellRunning(tx: Tx, work: Work): Intent {
  const attempt = openAttempt(tx, work)
  const due = tx.now + work.grace_ms + tx.timings.stopLateMs
  return cancelIntent(changeAttempt(tx, attempt, { due: Math.min(due, attempt.due ?? due) }), work)
}
