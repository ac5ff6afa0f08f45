import { isMap, type Node, type YAMLMap } from 'yaml'
import {
  type Clone,
  Duration,
  GivenName,
  LEASE,
  type RunStatus,
  SHAPE,
  type StepSpec,
  VariableName,
  type WorkflowSpec,
  workflowSpec,
} from '../protocol/index.ts'
import { clone, withClone } from './clone.ts'
import { duration, show } from './duration.ts'
import { type Fields, type Foreign, notRun, readKeys, type Table } from './keys.ts'
import { type Combination, matrix, suffix } from './matrix.ts'
import { dependencies, type Named } from './names.ts'
import { environment, labels } from './pairs.ts'
import { choice, integer, listOf, mapping, type Read, text } from './read.ts'
import type { Scope } from './scope.ts'
import { optional, readSteps } from './steps.ts'
import { statuses, unique } from './when.ts'

interface WorkflowFields {
  name: string
  labels: Record<string, string>
  depends_on: Named[]
  runs_on: RunStatus[]
  priority: number
  timeout: number
  grace: number
  lease: number
  on_outage: 'stop' | 'continue'
  max_attempts: number
  concurrency: { group: string; limit: number }
  environment: Record<string, string>
  secrets: string[]
  matrix: true
  variables: true
  clone: Clone
  steps: Node
}

const LONGEST = Duration.maxValue ?? Number.MAX_SAFE_INTEGER

const CONCURRENCY: Table<WorkflowFields['concurrency']> = { group: text(GivenName), limit: integer(1, 10_000) }

const concurrency: Read<WorkflowFields['concurrency']> = (node, scope, what) => {
  const map = mapping(node, scope, what, '{group: deploy, limit: 1}')
  if (map === undefined) return undefined
  const { values, places, meant } = readKeys(map, CONCURRENCY, {}, what, scope)
  if (meant.has('group')) return undefined
  if (!places.has('group')) return scope.fail(node, `${what} has no \`group\`; name what must not run side by side`)
  return values.group === undefined ? undefined : { group: values.group, limit: values.limit ?? 1 }
}

const secret: Read<string> = (node, scope, what) => {
  if (isMap(node)) return scope.fail(node, `${what} must be a name alone; every step has the value under this name`)
  return text(VariableName)(node, scope, what)
}

const TABLE: Table<WorkflowFields> = {
  name: text(GivenName),
  labels,
  depends_on: dependencies,
  runs_on: statuses,
  priority: integer(-100, 100),
  timeout: duration({ least: 1000, most: LONGEST, bare: 60_000 }),
  grace: duration({ least: 0, most: LEASE.ttlMax }),
  lease: duration({ least: LEASE.ttlTest, most: LEASE.ttlMax }),
  on_outage: choice(['stop', 'continue']),
  max_attempts: integer(1, 100),
  concurrency,
  environment,
  secrets: listOf(secret, SHAPE.environment),
  // Read before, since it decides how often the rest is read.
  matrix: () => true,
  // Holds anchors and nothing else; what they name is read where it is used.
  variables: () => true,
  clone,
  // Read after, since the clone is one more step that they may wait for.
  steps: (node) => node,
}

const NO_FORGE = notRun('it is told of no repository events; submit the workflow only when it should run')
const OF_A_STEP = 'is a key of a step; move it into one of the `steps`'
const ELSEWHERE = 'is a key of another system; here one file is one workflow, and what it does stands in its `steps`'
const FOREIGN: Foreign = {
  services: notRun('start what a step needs in a step with `detach: true`'),
  skip_clone: notRun('nothing is cloned unless `clone` says so; remove it'),
  workspace: notRun('every attempt has a folder of its own; remove it, or set `directory` of a step'),
  cache: notRun('keep what should last in a folder of the machine, or fetch it in a step'),
  platform: notRun('choose the machine with `labels: {platform: …}`'),
  branches: NO_FORGE,
  trigger: NO_FORGE,
  on: NO_FORGE,
  when: 'is a key of a step; write `runs_on` for the outcomes after which the workflow runs, and submit it only when it should',
  image: OF_A_STEP,
  commands: OF_A_STEP,
  directory: OF_A_STEP,
  failure: OF_A_STEP,
  detach: OF_A_STEP,
  settings: OF_A_STEP,
  jobs: ELSEWHERE,
  stages: ELSEWHERE,
  kind: ELSEWHERE,
  version: 'is not needed; remove it',
}

/** A workflow as its file says, before names of others are looked up. */
export interface Draft {
  readonly spec: WorkflowSpec
  /** The name without what a matrix adds. */
  readonly base: string
  readonly needs: readonly Named[]
  readonly scope: Scope
  /** Where a key of the file stands. */
  readonly placeOf: (key: string) => Node | undefined
}

/** Reads a workflow file's mapping: one draft, or one for each combination of its matrix. */
export function readWorkflows(map: YAMLMap, scope: Scope, fileName: string): Draft[] {
  const drafts: Draft[] = []
  const before = scope.source.count
  for (const values of combinationsOf(map, scope)) {
    const inner = scope.with(values)
    const fields = readKeys(map, TABLE, FOREIGN, 'a workflow', inner)
    const read = stepsOf(map, fields, inner)
    refuseContradictions(fields, inner)
    // The others would mostly say the same again.
    if (scope.source.count > before) return []
    drafts.push(draft(fields, read, values, inner, fileName))
  }
  return drafts
}

function combinationsOf(map: YAMLMap, scope: Scope): readonly Combination[] {
  const written = scope.entries(map).find(({ key }) => key === 'matrix')
  if (written === undefined) return [{}]
  const found = matrix(written.value, scope, '`matrix`')
  // What is wrong with it is noted; the rest of the file is still worth reading once.
  return found ?? [{}]
}

function stepsOf(map: YAMLMap, { values, places, meant }: Fields<WorkflowFields>, scope: Scope): StepSpec[] {
  if (values.steps !== undefined) return readSteps(values.steps, scope, places.has('clone')) ?? []
  if (!meant.has('steps')) scope.fail(map, 'the workflow has no `steps`; write at least one')
  return []
}

function refuseContradictions({ values, places }: Fields<WorkflowFields>, scope: Scope): void {
  const { grace, lease, clone: cloned, secrets = [] } = values
  if (grace !== undefined && lease !== undefined && grace > lease / 3) {
    const at = places.get('grace')?.value
    scope.fail(at, `\`grace\` may be at most a third of \`lease\`, here ${show(Math.floor(lease / 3000) * 1000)}`)
  }
  if (cloned?.secret !== undefined && secrets.includes(cloned.secret)) {
    const which = `\`${cloned.secret}\` of \`clone\` is given to git alone`
    scope.fail(places.get('secrets')?.value, `${which}; list for the steps a secret of another name`)
  }
}

function draft(
  { values: fields, places }: Fields<WorkflowFields>,
  steps: readonly StepSpec[],
  values: Combination,
  scope: Scope,
  fileName: string,
): Draft {
  const base = fields.name ?? fileName
  return {
    base,
    needs: fields.depends_on ?? [],
    scope,
    placeOf: (key) => places.get(key as keyof WorkflowFields)?.value,
    spec: workflowSpec({
      name: base + suffix(values),
      ...optional('labels', fields.labels),
      environment: { ...fields.environment, ...values },
      ...optional('priority', fields.priority),
      ...optional('timeoutMs', fields.timeout),
      ...optional('graceMs', fields.grace),
      ...optional('leaseMs', fields.lease),
      ...optional('onOutage', fields.on_outage),
      ...optional('maxAttempts', fields.max_attempts),
      ...optional('concurrency', fields.concurrency),
      dependsOn: unique((fields.depends_on ?? []).map(({ name }) => name)),
      runsOn: unique(fields.runs_on ?? []),
      secrets: unique([
        ...(fields.secrets ?? []),
        ...(fields.clone?.secret === undefined ? [] : [fields.clone.secret]),
      ]),
      steps: withClone(steps, fields.clone),
    }),
  }
}
