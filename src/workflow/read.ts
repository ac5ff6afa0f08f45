import { isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml'
import type { z } from 'zod'
import { didYouMean, nearest } from './nearest.ts'
import { isEmpty, type Scope } from './scope.ts'

/**
 * Reads one value, or notes what is wrong with it and answers undefined. `what` names the value in the sentence: a key
 * in backticks.
 */
export type Read<T> = (node: Node, scope: Scope, what: string) => T | undefined

/** The scalar behind a node, or a sentence that it has to be one. */
function scalar(node: Node, scope: Scope, what: string): Scalar | undefined {
  if (!isScalar(node)) return scope.fail(node, `${what} must be one value, not a ${isSeq(node) ? 'list' : 'mapping'}`)
  return isEmpty(node) ? scope.fail(node, `${what} has no value; give it one or remove it`) : node
}

/** Text as it is written, checked by a schema of the protocol. */
export function text(schema?: z.ZodType<string>): Read<string> {
  return (node, scope, what) => {
    const found = scalar(node, scope, what)
    if (found === undefined) return undefined
    const value = scope.text(found)
    const checked = schema?.safeParse(value)
    if (checked === undefined || checked.success) return value
    return scope.fail(node, `${what} ${reason(checked.error)}`)
  }
}

/** What a schema says against a value, in our words where its own are for programmers. */
export function reason(error: z.ZodError): string {
  const [issue] = error.issues
  if (issue?.code === 'too_big') {
    const unit = issue.origin === 'array' ? 'entries' : 'characters'
    return `is too long; at most ${issue.maximum} ${unit} are allowed`
  }
  if (issue?.code === 'too_small') return 'is empty; give it a value'
  return issue?.message ?? 'is not valid'
}

export function integer(least: number, most: number): Read<number> {
  return (node, scope, what) => {
    const found = scalar(node, scope, what)
    if (found === undefined) return undefined
    const written = scope.text(found)
    const value = Number(written)
    if (/^[+-]?\d{1,9}$/.test(written) && value >= least && value <= most) return value
    return scope.fail(node, `${what} must be a whole number from ${least} to ${most}, not \`${short(written)}\``)
  }
}

export function choice<const W extends string>(words: readonly W[]): Read<W> {
  return (node, scope, what) => {
    const found = scalar(node, scope, what)
    if (found === undefined) return undefined
    const written = scope.text(found)
    const word = words.find((candidate) => candidate === written)
    if (word !== undefined) return word
    const hint = didYouMean(nearest(written, words))
    return scope.fail(node, `${what} must be ${words.join(' or ')}, not \`${short(written)}\`${hint}`)
  }
}

export const flag: Read<boolean> = (node, scope, what) => {
  const word = choice(['true', 'false'])(node, scope, what)
  return word === undefined ? undefined : word === 'true'
}

/** One value or a list of them. Nothing at all is an empty list. */
export function listOf<T>(read: Read<T>, most: number): Read<T[]> {
  return (node, scope, what) => {
    if (isEmpty(node)) return []
    if (!isSeq(node)) return pack(read(node, scope, what))
    if (node.items.length > most)
      return scope.fail(node, `${what} has ${node.items.length} entries; at most ${most} are allowed`)
    const items = node.items.map((item, index) =>
      read(scope.follow(item as Node), scope, `entry ${index + 1} of ${what}`),
    )
    return items.every((item) => item !== undefined) ? items : undefined
  }
}

function pack<T>(value: T | undefined): T[] | undefined {
  return value === undefined ? undefined : [value]
}

/** `example` shows how it is written. */
export function mapping(node: Node, scope: Scope, what: string, example?: string): YAMLMap | undefined {
  if (isMap(node)) return node as YAMLMap
  const kind = example === undefined ? 'a mapping of keys to values' : `a mapping such as \`${example}\``
  if (isEmpty(node)) return scope.fail(node, `${what} is empty; it must be ${kind}`)
  return scope.fail(node, `${what} must be ${kind}, not ${isSeq(node) ? 'a list' : 'one value'}`)
}

/** A value quoted in a sentence. */
export function short(written: string): string {
  const line = written.replace(/\s+/g, ' ')
  return line.length <= 40 ? line : `${line.slice(0, 39)}…`
}
