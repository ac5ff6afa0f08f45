import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml'
import type { z } from 'zod'
import { LabelKey, SHAPE, VariableName } from '../protocol/index.ts'
import { type Read, reason, short } from './read.ts'
import { isEmpty, type Scope } from './scope.ts'

type Pairs = Record<string, string>

interface Kind {
  /** For sentences. */
  readonly one: string
  readonly key: z.ZodType<string>
  readonly most: number
  readonly valueChars: number
}

/** `environment`: a mapping, or a list of `NAME=value`. */
export const environment: Read<Pairs> = pairs({
  one: 'variable',
  key: VariableName,
  most: SHAPE.environment,
  valueChars: SHAPE.environmentBytes,
})

// Only an agent demands a label with `!`; on a workflow it could match nothing.
const OwnLabel = LabelKey.refine((key) => !key.startsWith('!'), 'must not start with `!`; only an agent demands labels')

/** `labels`: a mapping, or a list of `key=value`. */
export const labels: Read<Pairs> = pairs({
  one: 'label',
  key: OwnLabel,
  most: SHAPE.labels,
  valueChars: SHAPE.labelChars,
})

function pairs(kind: Kind): Read<Pairs> {
  return (node, scope, what) => {
    if (isEmpty(node)) return {}
    const found = isMap(node) ? fromMap(node, scope, what) : fromList(node, scope, what)
    if (found === undefined) return undefined
    if (found.length > kind.most) {
      return scope.fail(node, `${what} has ${found.length} entries; at most ${kind.most} are allowed`)
    }
    const sound = found.filter((pair) => check(pair, kind, scope))
    return sound.length === found.length ? Object.fromEntries(sound.map(({ key, value }) => [key, value])) : undefined
  }
}

interface Found {
  readonly key: string
  readonly value: string
  readonly at: Node
  readonly valueAt: Node
}

function fromMap(node: Node, scope: Scope, what: string): Found[] | undefined {
  if (!isMap(node)) return undefined
  const found: Found[] = []
  let sound = true
  for (const { key, keyNode, value, empty } of scope.entries(node as YAMLMap)) {
    if (empty) found.push({ key, value: '', at: keyNode, valueAt: keyNode })
    else if (isScalar(value)) found.push({ key, value: scope.text(value), at: keyNode, valueAt: value })
    else {
      sound = false
      scope.fail(value, nestedSentence(key, value, scope, what))
    }
  }
  return sound ? found : undefined
}

function nestedSentence(key: string, value: Node, scope: Scope, what: string): string {
  const fromSecret = isMap(value) && scope.entries(value as YAMLMap).some((entry) => entry.key === 'from_secret')
  if (fromSecret)
    return '`from_secret` is not used here; list the name under `secrets` and it is in every step’s environment'
  return `\`${key}\` of ${what} must be one value, not a ${isSeq(value) ? 'list' : 'mapping'}`
}

function fromList(node: Node, scope: Scope, what: string): Found[] | undefined {
  if (!isSeq(node)) return scope.fail(node, `${what} must be a mapping, or a list of \`NAME=value\``)
  const found = node.items.map((raw) => {
    const item = scope.follow(raw as Node)
    const written = isScalar(item) ? scope.text(item) : undefined
    const at = written?.indexOf('=') ?? -1
    if (written === undefined || at < 0) {
      return scope.fail(item, `an entry of the list ${what} must be written \`NAME=value\``)
    }
    return { key: written.slice(0, at), value: written.slice(at + 1), at: item, valueAt: item }
  })
  const sound = found.filter((item) => item !== undefined)
  return sound.length === found.length ? noTwins(sound, scope) : undefined
}

function noTwins(found: Found[], scope: Scope): Found[] | undefined {
  const seen = new Set<string>()
  const twins = found.filter(({ key }) => seen.size === seen.add(key).size)
  for (const { key, at } of twins) scope.fail(at, `\`${key}\` stands twice; keep one`)
  return twins.length === 0 ? found : undefined
}

function check({ key, value, at, valueAt }: Found, kind: Kind, scope: Scope): boolean {
  const named = kind.key.safeParse(key)
  if (!named.success) scope.fail(at, `the ${kind.one}'s name \`${short(key)}\` ${reason(named.error)}`)
  const fits = value.length <= kind.valueChars
  if (!fits)
    scope.fail(
      valueAt,
      `the ${kind.one} \`${short(key)}\` is too long; at most ${kind.valueChars} characters are allowed`,
    )
  return named.success && fits
}
