import type { Node, YAMLMap } from 'yaml'
import { nearest } from './nearest.ts'
import type { Read } from './read.ts'
import type { Scope } from './scope.ts'

/** The keys of a mapping, each with its reader: the one place where a key is declared. */
export type Table<T> = { readonly [K in keyof T]-?: Read<T[K]> }

/** What a mapping held: the values that could be read, and the keys that stand in it. */
export interface Fields<T> {
  readonly values: Partial<T>
  /** Where each key that stands in the mapping is, whether or not its value could be read. */
  readonly places: ReadonlyMap<keyof T, { key: Node; value: Node }>
}

/**
 * Reads a mapping by a table. A key that is not in it is an error, with a sentence of its own if `foreign` has one.
 * `owner` is what the sentence calls the mapping.
 */
export function readKeys<T>(map: YAMLMap, table: Table<T>, foreign: Foreign, owner: string, scope: Scope): Fields<T> {
  const names = Object.keys(table) as (keyof T & string)[]
  const values: Partial<T> = {}
  const places = new Map<keyof T, { key: Node; value: Node }>()
  for (const { key, keyNode, value } of scope.entries(map)) {
    const name = names.find((candidate) => candidate === key)
    if (name === undefined) {
      scope.fail(keyNode, unknownKey(key, names, foreign, owner))
      continue
    }
    places.set(name, { key: keyNode, value })
    const read = table[name](value, scope, `\`${key}\``)
    if (read !== undefined) values[name] = read
  }
  return { values, places }
}

/** Keys that others run and Drumline does not, with what to do instead. */
export type Foreign = Readonly<Record<string, string>>

function unknownKey(key: string, names: readonly string[], foreign: Foreign, owner: string): string {
  const own = Object.hasOwn(foreign, key) ? foreign[key] : undefined
  if (own !== undefined) return `\`${key}\` is not run by Drumline: ${own}`
  const meant = nearest(key, names)
  if (meant !== undefined) return `\`${key}\` is not a key of ${owner}; did you mean \`${meant}\`?`
  return `\`${key}\` is not a key of ${owner}; it may have ${names.join(', ')}`
}
