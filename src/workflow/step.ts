import { isMap, type Node, type YAMLMap } from 'yaml'
import { Duration, GivenName, type RunStatus, SHAPE, StepSpec } from '../protocol/index.ts'
import { duration } from './duration.ts'
import { type Foreign, notRun, readKeys, type Table } from './keys.ts'
import { dependencies, type Named } from './names.ts'
import { environment } from './pairs.ts'
import { choice, flag, listOf, type Read, text } from './read.ts'
import type { Scope } from './scope.ts'
import { when } from './when.ts'

interface StepFields {
  name: string
  image: string
  commands: string[]
  environment: Record<string, string>
  directory: string
  depends_on: Named[]
  when: RunStatus[]
  failure: 'fail' | 'ignore' | 'cancel'
  detach: boolean
  timeout: number
}

/** A command belongs to the shell: `${NAME}` in it is the shell's variable, so nothing is replaced. */
const command: Read<string> = (node, scope, what) => {
  if (isMap(node))
    return scope.fail(node, `${what} is read as a mapping, for its \`: \` or \`{\`; put quotes around all of it`)
  return text(StepSpec.shape.commands.element)(node, scope.with({}), what)
}

const TABLE: Table<StepFields> = {
  name: text(GivenName),
  image: text(StepSpec.shape.image.unwrap()),
  commands: listOf(command, SHAPE.commands),
  environment,
  directory: text(StepSpec.shape.directory.unwrap()),
  depends_on: dependencies,
  when,
  failure: choice(['fail', 'ignore', 'cancel']),
  detach: flag,
  timeout: duration({ least: 1000, most: Duration.maxValue ?? Number.MAX_SAFE_INTEGER, bare: 60_000 }),
}

const CONTAINER = notRun('steps run in a shell on the agent, not in a container; remove it')
const OF_WORKFLOW = 'is a key of the workflow; move it to the top of the file'
const FOREIGN: Foreign = {
  settings: notRun('plugins are not part of it; call the tool in `commands`'),
  secrets: 'is a key of the workflow; list the names there, and every step has them',
  entrypoint: notRun('write what to run in `commands`, and the shell in `image`'),
  backend_options: notRun('choose the agent with `labels` of the workflow'),
  group: notRun('let steps run side by side with `depends_on`'),
  runs_on: 'is a key of the workflow; write `when: {status: …}` for a step',
  labels: 'is a key of the workflow; all its steps run on one agent',
  ...Object.fromEntries(
    ['matrix', 'priority', 'lease', 'grace', 'on_outage', 'max_attempts', 'concurrency'].map((key) => [
      key,
      OF_WORKFLOW,
    ]),
  ),
  ...Object.fromEntries(
    [
      ...['pull', 'privileged', 'volumes', 'devices', 'tmpfs', 'dns', 'dns_search', 'extra_hosts', 'network_mode'],
      ...['networks', 'ports', 'tty', 'ulimits', 'cap_add', 'cap_drop', 'shm_size', 'mem_limit', 'memswap_limit'],
      ...['mem_swappiness', 'cpu_quota', 'cpu_shares', 'cpuset', 'sysctls', 'isolation', 'auth_config'],
    ].map((key) => [key, CONTAINER]),
  ),
}

/** A step as it was read, before names of others become ids. */
export interface StepDraft {
  readonly name: string
  /** Where its name stands. */
  readonly at: Node
  readonly fields: Partial<StepFields>
  /** `depends_on` stands in it, be it empty. */
  readonly inGraph: boolean
}

/** Reads one step. `key` is its name in the form that is a mapping. */
export function readStep(map: YAMLMap, key: Named | undefined, position: number, scope: Scope): StepDraft {
  const { values, places, meant } = readKeys(map, TABLE, FOREIGN, 'a step', scope)
  const name = values.name ?? key?.name
  if (name === undefined && !places.has('name')) scope.fail(map, `step ${position} has no \`name\`; give it one`)
  const commands = places.get('commands')
  if (commands === undefined && !meant.has('commands')) {
    const which = name === undefined ? position : `\`${name}\``
    scope.fail(map, `step ${which} has no \`commands\`; a step is what its commands do`)
  } else if (commands !== undefined && values.commands?.length === 0) {
    scope.fail(commands.key, '`commands` is empty; write at least one')
  }
  return {
    name: name ?? `step ${position}`,
    at: places.get('name')?.value ?? key?.node ?? map,
    fields: values,
    inGraph: places.has('depends_on'),
  }
}
