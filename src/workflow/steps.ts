import { isMap, isSeq, type Node, type YAMLMap } from 'yaml'
import { GivenName, SHAPE, type StepSpec } from '../protocol/index.ts'
import { findRing, showRing } from './graph.ts'
import { didYouMean, nearest } from './nearest.ts'
import { mapping, reason } from './read.ts'
import type { Scope } from './scope.ts'
import { readStep, type StepDraft } from './step.ts'

/** Name and id of the step that the key `clone` makes. Others may wait for it, and may not have its name. */
export const CLONE = 'clone'

/** `steps`: a list, or a mapping of names to steps. Ids are made by position: `s1`, `s2`, … */
export function readSteps(node: Node, scope: Scope, cloned: boolean): StepSpec[] | undefined {
  const before = scope.source.count
  const drafts = isSeq(node) ? fromList(node.items as Node[], scope) : fromMap(node, scope)
  if (drafts === undefined) return undefined
  if (drafts.length === 0 && scope.source.count > before) return undefined
  if (drafts.length === 0) return scope.fail(node, '`steps` is empty; write at least one step')
  const count = drafts.length + (cloned ? 1 : 0)
  if (count > SHAPE.steps) {
    const which = cloned ? 'steps with the clone' : 'steps'
    return scope.fail(node, `there are ${count} ${which}; at most ${SHAPE.steps} are allowed`)
  }
  const given = cloned ? [CLONE] : []
  refuseTwins(drafts, given, scope)
  refuseBadGraph(drafts, given, scope)
  return scope.source.count > before ? undefined : toSpecs(drafts)
}

function fromList(items: readonly Node[], scope: Scope): StepDraft[] {
  return items.flatMap((raw, index) => {
    const map = mapping(scope.follow(raw), scope, `step ${index + 1}`)
    return map === undefined ? [] : [readStep(map, undefined, index + 1, scope)]
  })
}

function fromMap(node: Node, scope: Scope): StepDraft[] | undefined {
  if (!isMap(node)) return scope.fail(node, '`steps` must be a list of steps, or a mapping of names to steps')
  return scope.entries(node as YAMLMap).flatMap(({ key, keyNode, value }, index) => {
    const named = GivenName.safeParse(key)
    if (!named.success) scope.fail(keyNode, `the step's name ${reason(named.error)}`)
    const map = mapping(value, scope, `step \`${key}\``)
    return map === undefined ? [] : [readStep(map, { name: key, node: keyNode }, index + 1, scope)]
  })
}

function refuseTwins(drafts: readonly StepDraft[], given: readonly string[], scope: Scope): void {
  const seen = new Set(given)
  for (const { name, at } of drafts) {
    if (given.includes(name)) scope.fail(at, `the key \`${name}\` makes a step of this name; give this one another`)
    else if (seen.has(name)) scope.fail(at, `two steps are named \`${name}\`; give each a name of its own`)
    seen.add(name)
  }
}

function refuseBadGraph(drafts: readonly StepDraft[], given: readonly string[], scope: Scope): void {
  const names = [...given, ...drafts.map(({ name }) => name)]
  for (const { fields } of drafts) {
    for (const { name, node } of fields.depends_on ?? []) {
      if (names.includes(name) || scope.source.full) continue
      scope.fail(node, `there is no step \`${name}\` in this file${didYouMean(nearest(name, names))}`)
    }
  }
  const waits = (draft: StepDraft) => (draft.fields.depends_on ?? []).map(({ name }) => name)
  const ring = findRing(new Map(drafts.map((draft) => [draft.name, waits(draft)])))
  if (ring === undefined) return
  const first = drafts.find(({ name }) => name === ring[0])
  const place = first?.fields.depends_on?.find(({ name }) => name === ring[1])
  scope.fail(place?.node, `the steps wait for each other: ${showRing(ring)}; remove one of these`)
}

function toSpecs(drafts: readonly StepDraft[]): StepSpec[] {
  const ids = new Map([[CLONE, CLONE], ...drafts.map(({ name }, index): [string, string] => [name, `s${index + 1}`])])
  return drafts.map(({ name, fields, inGraph }, index) => {
    const after = fields.depends_on ?? []
    return {
      id: `s${index + 1}`,
      name,
      commands: fields.commands ?? [],
      ...optional('image', fields.image),
      ...optional('environment', fields.environment),
      ...optional('directory', fields.directory),
      ...(inGraph ? { dependsOn: [...new Set(after.flatMap((other) => ids.get(other.name) ?? []))] } : {}),
      ...optional('when', fields.when),
      ...optional('failure', fields.failure),
      ...optional('detach', fields.detach),
      ...optional('timeoutMs', fields.timeout),
    }
  })
}

/** `{key: value}`, or nothing: what was not written is not sent. */
export function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V })
}
