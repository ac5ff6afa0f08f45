import type { Node, YAMLMap } from 'yaml'
import { didYouMean, nearest } from './nearest.ts'
import type { Read } from './read.ts'
import type { Scope } from './scope.ts'

/** The keys of a mapping, each with its reader: the one place where a key is declared. */
export type Table<T> = { readonly [K in keyof T]-?: Read<T[K]> }

/** What a mapping held: the values that could be read, and the keys that stand in it. */
export interface Fields<T> {
  readonly values: Partial<T>
  /** Where each key that stands in the mapping is, whether or not its value could be read. */
  readonly places: ReadonlyMap<keyof T, { key: Node; value: Node }>
  /** Keys that are probably meant by ones that are not in the table: they are not missing as well. */
  readonly meant: ReadonlySet<keyof T>
}

/**
 * Reads a mapping by a table. A key that is not in it is an error, with a sentence of its own if `foreign` has one.
 * `owner` is what the sentence calls the mapping.
 */
export function readKeys<T>(map: YAMLMap, table: Table<T>, foreign: Foreign, owner: string, scope: Scope): Fields<T> {
  const names = Object.keys(table) as (keyof T & string)[]
  const values: Partial<T> = {}
  const places = new Map<keyof T, { key: Node; value: Node }>()
  const meant = new Set<keyof T>()
  let listed = false
  for (const { key, keyNode, value } of scope.entries(map)) {
    if (scope.source.full) break
    const name = names.find((candidate) => candidate === key)
    if (name !== undefined) {
      places.set(name, { key: keyNode, value })
      const read = table[name](value, scope, `\`${key}\``)
      if (read !== undefined) values[name] = read
      continue
    }
    const near = nearest(key, names)
    if (near !== undefined) meant.add(near)
    const own = Object.hasOwn(foreign, key) ? foreign[key] : undefined
    // The list of all keys helps once.
    const otherwise = near === undefined && !listed ? `; it may have ${names.join(', ')}` : didYouMean(near)
    scope.fail(keyNode, `\`${key}\` ${own ?? `is not a key of ${owner}${otherwise}`}`)
    listed ||= own === undefined && near === undefined
  }
  return { values, places, meant }
}

/** Keys that others run and Drumline does not, or that belong elsewhere: what to say behind the key. */
export type Foreign = Readonly<Record<string, string>>

export const notRun = (instead: string): string => `is not run by Drumline: ${instead}`
