import { BusError, type ResultOf, type WorkflowSpec } from '../../../protocol/index.ts'
import { EVERYTHING, groupIn, type Scope } from '../../scope.ts'
import type { Key, NewWorkflow } from '../store.ts'
import { carrying, goneCarrying } from './carrying.ts'
import { checkSpecs, dependenciesWithin } from './checks.ts'
import { stateAfter } from './dependents.ts'
import { once } from './keys.ts'
import { keepSecrets } from './secrets.ts'
import type { Tx } from './tx.ts'
import { hasEnded, type Work, workChange } from './work.ts'

interface Parent {
  id: string
  name: string
  outcome: Work['state'] | null
}

/** Adds workflows, all or none; parents within the call are added before what waits for them. */
export function submit(
  tx: Tx,
  workflows: readonly NewWorkflow[],
  secrets: Readonly<Record<string, string>>,
  key?: Key,
  scope = EVERYTHING,
): ResultOf<'submit'> {
  return once(tx, key, () => {
    checkSpecs(
      workflows.map(({ spec }) => spec),
      secrets,
      tx.timings,
    )
    const { order, parents: within } = dependenciesWithin(workflows)
    const outside = new Map(
      workflows.flatMap(({ spec }) =>
        spec.dependsOn.map((name) => [name, knownParent(tx, workflows, name, scope)] as const),
      ),
    )
    // All is checked before anything is written.
    const states = new Map<string, Work['state']>()
    for (const workflow of order) {
      const inside = within.get(workflow.id) ?? []
      const parents = [
        ...inside.map(({ id, spec }) => ({ id, name: spec.name, outcome: ended(states.get(id)) })),
        ...workflow.spec.dependsOn.flatMap((name) => outside.get(name) ?? []),
      ]
      states.set(workflow.id, add(tx, workflow, { parents, secrets, scope }))
    }
    return { workflows: workflows.map(({ id, spec }) => ({ id, name: spec.name })) }
  }).value
}

function ended(state: Work['state'] | undefined): Work['state'] | null {
  return state !== undefined && hasEnded(state) ? state : null
}

/** A name that no workflow of the call bears is the id of one that the server knows, or knew a while ago. */
function knownParent(tx: Tx, workflows: readonly NewWorkflow[], name: string, scope: Scope): Parent[] {
  if (workflows.some(({ spec }) => spec.name === name)) return []
  const [known, gone] = [carrying(scope), goneCarrying(scope)]
  const row = tx.db.get<{ name: string; state: Work['state'] }>(
    `SELECT name, state FROM workflow w WHERE id = ?${known.sql}
     UNION ALL SELECT name, state FROM gone o WHERE id = ?${gone.sql}`,
    name,
    ...known.values,
    name,
    ...gone.values,
  )
  if (row === undefined) throw new BusError('bad_request', `depends on ${name}, which is not known`)
  return [{ id: name, name: row.name, outcome: ended(row.state) }]
}

interface Beside {
  parents: readonly Parent[]
  secrets: Readonly<Record<string, string>>
  scope: Scope
}

function add(tx: Tx, { id, spec }: NewWorkflow, { parents, secrets, scope }: Beside): Work['state'] {
  const outcomes = parents.map(({ outcome }) => outcome)
  const state = parents.length === 0 ? 'pending' : stateAfter(outcomes, spec.runsOn)
  const ord = insertWork(tx, id, spec, { state, scope })
  tx.db.run('INSERT INTO spec (workflow, spec) VALUES (?, ?)', ord, JSON.stringify(spec))
  for (const parent of parents) {
    tx.db.run(
      'INSERT OR IGNORE INTO dependency (child, parent, name, outcome) VALUES (?, ?, ?, ?)',
      ord,
      parent.id,
      parent.name,
      parent.outcome,
    )
  }
  if (state !== 'skipped') {
    keepSecrets(tx, ord, new Map(spec.secrets.map((name) => [name, secrets[name] ?? ''])))
  }
  return state
}

function insertWork(
  tx: Tx,
  id: string,
  spec: WorkflowSpec,
  { state, scope }: { state: Work['state']; scope: Scope },
): number {
  const work = {
    ord: tx.next(),
    id,
    version: tx.next(),
    state,
    labels: JSON.stringify(spec.labels),
    priority: spec.priority,
    grp: spec.concurrency === undefined ? null : groupIn(scope, spec.concurrency.group),
    grp_limit: spec.concurrency?.limit ?? 0,
    not_before: 0,
    lease: null,
  }
  const ended = state === 'skipped' ? tx.now : null
  tx.db.run(
    `INSERT INTO workflow (ord, id, version, state, labels, priority, grp, grp_limit, not_before, lease, name, grace_ms,
       max_attempts, attempt, offers, losses, created, queued, finished, ended, revision)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, 0)`,
    ...Object.values(work),
    spec.name,
    spec.graceMs,
    spec.maxAttempts,
    tx.now,
    state === 'pending' ? tx.now : null,
    ended,
    ended,
  )
  for (const [key, value] of Object.entries(spec.labels)) {
    tx.db.run('INSERT INTO label (key, value, workflow) VALUES (?, ?, ?)', key, value, work.ord)
  }
  tx.memory.counts.move(null, state, work.labels)
  tx.changes.push({ ...workChange(work), passage: { from: null } })
  return work.ord
}
