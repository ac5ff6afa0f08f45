import type { Node, YAMLMap } from 'yaml'
import { Duration, GivenName, type RunStatus, SHAPE, StepSpec } from '../protocol/index.ts'
import { duration } from './duration.ts'
import { type Foreign, readKeys, type Table } from './keys.ts'
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
const command: Read<string> = (node, scope, what) => text(StepSpec.shape.commands.element)(node, scope.with({}), what)

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

const CONTAINER = 'steps run in a shell on the agent, not in a container; remove it'
const FOREIGN: Foreign = {
  settings: 'plugins are not part of it; call the tool in `commands`',
  secrets: 'list the names under `secrets` of the workflow; every step has them',
  entrypoint: 'write what to run in `commands`, and the shell in `image`',
  backend_options: 'choose the agent with `labels` of the workflow',
  group: 'let steps run side by side with `depends_on`',
  pull: CONTAINER,
  privileged: CONTAINER,
  volumes: CONTAINER,
  devices: CONTAINER,
  tmpfs: CONTAINER,
  dns: CONTAINER,
  dns_search: CONTAINER,
  extra_hosts: CONTAINER,
  network_mode: CONTAINER,
  networks: CONTAINER,
  ports: CONTAINER,
  tty: CONTAINER,
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
  const { values, places } = readKeys(map, TABLE, FOREIGN, 'a step', scope)
  const name = values.name ?? key?.name
  if (name === undefined && !places.has('name')) scope.fail(map, `step ${position} has no \`name\`; give it one`)
  const commands = places.get('commands')
  if (commands === undefined) {
    const which = name === undefined ? position : `\`${name}\``
    scope.fail(map, `step ${which} has no \`commands\`; a step is what its commands do`)
  } else if (values.commands?.length === 0) {
    scope.fail(commands.key, '`commands` is empty; write at least one')
  }
  return {
    name: name ?? `step ${position}`,
    at: places.get('name')?.value ?? key?.node ?? map,
    fields: values,
    inGraph: places.has('depends_on'),
  }
}
