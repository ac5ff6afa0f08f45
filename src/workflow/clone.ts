import { isMap, isSeq, type YAMLMap } from 'yaml'
import { type Clone, CloneUrl, GitRef, type StepSpec, VariableName } from '../protocol/index.ts'
import { type Foreign, notRun, readKeys, type Table } from './keys.ts'
import { integer, type Read, text } from './read.ts'
import type { Scope } from './scope.ts'
import { CLONE, optional } from './steps.ts'

const url: Read<string> = (node, scope, what) => {
  const plain = text()(node, scope, what)
  if (plain === undefined) return undefined
  const instead = betterUrl(plain)
  return instead === undefined ? text(CloneUrl)(node, scope, what) : scope.fail(node, `${what} ${instead}`)
}

const TABLE: Table<Clone> = {
  url,
  ref: text(GitRef),
  depth: integer(0, 1_000_000),
  secret: text(VariableName),
}

const PLUGIN = 'write `clone: {url: …}`; the machine’s `git` does it'
const byStep = (command: string) => notRun(`call \`${command}\` in the first step`)
const FOREIGN: Foreign = {
  git: notRun(PLUGIN),
  image: notRun(PLUGIN),
  settings: notRun(PLUGIN),
  recursive: byStep('git submodule update --init --recursive'),
  submodules: byStep('git submodule update --init --recursive'),
  lfs: byStep('git lfs pull'),
  tags: byStep('git fetch --tags'),
  partial: notRun('limit the history with `depth`'),
}

/** `clone`: a mapping, or the URL alone. */
export const clone: Read<Clone> = (node, scope, what) => {
  if (isMap(node)) return fromMap(node as YAMLMap, scope, what)
  if (isSeq(node)) return scope.fail(node, `${what} is not a list of steps here: ${PLUGIN}`)
  const alone = url(node, scope, what)
  return alone === undefined ? undefined : { url: alone }
}

/** Puts the clone before the steps; in a graph, those that wait for nobody wait for it. */
export function withClone(steps: readonly StepSpec[], cloned: Clone | undefined): StepSpec[] {
  if (cloned === undefined) return [...steps]
  const first: StepSpec = { id: CLONE, name: CLONE, commands: [], clone: cloned }
  if (steps.every(({ dependsOn }) => dependsOn === undefined)) return [first, ...steps]
  const after = steps.map((step) => (step.dependsOn?.length ? step : { ...step, dependsOn: [CLONE] }))
  return [{ ...first, dependsOn: [] }, ...after]
}

function fromMap(map: YAMLMap, scope: Scope, what: string): Clone | undefined {
  const before = scope.source.count
  const { values, places } = readKeys(map, TABLE, FOREIGN, what, scope)
  if (scope.source.count > before) return undefined
  if (values.url === undefined) return scope.fail(map, `${what} has no \`url\`; say which repository`)
  const at = places.get('secret')?.value
  if (at !== undefined && !/^https?:/.test(values.url)) {
    return scope.fail(at, '`secret` is for https; over ssh git takes the key of the agent’s user, so remove it')
  }
  return {
    url: values.url,
    ...optional('ref', values.ref),
    ...optional('depth', values.depth),
    ...optional('secret', values.secret),
  }
}

/** What is wrong with a URL that a person may well write, where the pattern alone would puzzle. */
function betterUrl(written: string): string | undefined {
  if (/^[a-z+]+:\/\/[^/@\s]*:[^/@\s]*@/i.test(written)) {
    return 'holds a password that everyone would see; put it into a secret and name that in `secret`'
  }
  if (/^(\/|~|\.{1,2}\/)/.test(written))
    return 'is a path; write `file:///…`, all of it from the root of the agent’s disk'
  if (/^[\w.-]+\.[a-z]+[:/]/i.test(written)) return `has no scheme; write \`https://${written.replace(':', '/')}\``
  return undefined
}
