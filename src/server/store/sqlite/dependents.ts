import type { RunStatus, WorkflowSpec, WorkflowStateName } from '../../../protocol/index.ts'
import { eraseSecrets } from './secrets.ts'
import type { Tx } from './tx.ts'
import { changeWork, type Work, workByOrd } from './work.ts'

interface Dependency {
  outcome: WorkflowStateName | null
}

/** Whether a workflow runs after these outcomes of what it depends on. */
function runsAfter(outcomes: readonly WorkflowStateName[], runsOn: readonly RunStatus[]): boolean {
  const good = outcomes.every((outcome) => outcome === 'success')
  return good ? runsOn.length === 0 || runsOn.includes('success') : runsOn.includes('failure')
}

/** The state of a workflow whose dependencies have these outcomes; null is one that has not ended. */
export function stateAfter(
  outcomes: readonly (WorkflowStateName | null)[],
  runsOn: readonly RunStatus[],
): 'waiting' | 'pending' | 'skipped' {
  const known = outcomes.filter((outcome) => outcome !== null)
  if (known.length < outcomes.length) return 'waiting'
  return runsAfter(known, runsOn) ? 'pending' : 'skipped'
}

/** Hands the outcome of ended workflows on: dependents become pending or skipped, and theirs after them. */
export function settleDependents(tx: Tx, ended: readonly Work[]): void {
  const queue = [...ended]
  for (let work = queue.shift(); work !== undefined; work = queue.shift()) {
    const told = tx.db.run('UPDATE dependency SET outcome = ? WHERE parent = ?', work.state, work.id)
    if (told === 0) continue
    const children = tx.db.all<{ child: number }>(
      `SELECT d.child AS child FROM dependency d JOIN workflow w ON w.ord = d.child
       WHERE d.parent = ? AND w.state = 'waiting' ORDER BY d.child`,
      work.id,
    )
    for (const { child } of children) {
      const after = settle(tx, workByOrd(tx, child))
      if (after !== undefined) queue.push(after)
    }
  }
}

/** Answers the child if it was skipped, since that is an outcome too. */
function settle(tx: Tx, child: Work): Work | undefined {
  const rows = tx.db.all<Dependency>('SELECT outcome FROM dependency WHERE child = ?', child.ord)
  const state = stateAfter(
    rows.map(({ outcome }) => outcome),
    specOf(tx, child.ord).runsOn,
  )
  if (state === 'waiting') return undefined
  if (state === 'pending') {
    changeWork(tx, child, { state })
    return undefined
  }
  eraseSecrets(tx, child.ord)
  return changeWork(tx, child, { state, finished: tx.now, ended: tx.now })
}

export function specOf(tx: Tx, ord: number): WorkflowSpec {
  const row = tx.db.get<{ spec: string }>('SELECT spec FROM spec WHERE workflow = ?', ord)
  if (row === undefined) throw new Error(`workflow ${ord} has no spec`)
  return JSON.parse(row.spec) as WorkflowSpec
}
