import { isMap, isSeq, type Node, type YAMLMap } from 'yaml'
import { RunStatus } from '../protocol/index.ts'
import { type Foreign, notRun, readKeys, type Table } from './keys.ts'
import { choice, listOf, mapping, type Read } from './read.ts'
import type { Scope } from './scope.ts'

/** `success`, `failure` or both: after which outcomes something runs. */
export const statuses: Read<RunStatus[]> = listOf(choice(RunStatus.options), 8)

interface WhenFields {
  status: RunStatus[]
}

const TABLE: Table<WhenFields> = { status: statuses }

const NO_FORGE = notRun('it is told of no repository events; submit the workflow only when it should run')
const TEST = notRun('test the condition in `commands`')
const FOREIGN: Foreign = {
  branch: NO_FORGE,
  event: NO_FORGE,
  cron: NO_FORGE,
  repo: NO_FORGE,
  ref: NO_FORGE,
  path: NO_FORGE,
  instance: NO_FORGE,
  tag: NO_FORGE,
  platform: notRun('choose the machine with `labels: {platform: …}`'),
  matrix: notRun('write a second workflow for what only some combinations do'),
  environment: TEST,
  evaluate: TEST,
  local: TEST,
}

/** `when` of a step: `{status: …}`, or a list of such mappings of which one must hold. */
export const when: Read<RunStatus[]> = (node, scope, what) => {
  if (!isSeq(node)) return one(node, scope, what)
  const found = node.items.map((item) => one(scope.follow(item as Node), scope, what))
  if (found.includes(undefined)) return undefined
  return unique(found.flatMap((item) => item ?? []))
}

function one(node: Node, scope: Scope, what: string): RunStatus[] | undefined {
  if (!isMap(node)) {
    mapping(node, scope, what, '{status: failure}')
    return undefined
  }
  const before = scope.source.count
  const { values } = readKeys(node as YAMLMap, TABLE, FOREIGN, '`when`', scope)
  if (scope.source.count > before) return undefined
  const status = unique(values.status ?? [])
  return status.length === 0 ? ['success'] : status
}

export function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)]
}
