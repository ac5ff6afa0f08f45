import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar, type YAMLMap } from 'yaml'
import { FORBIDDEN_KEYS } from '../protocol/index.ts'
import type { Aliases } from './aliases.ts'
import { offsetOf } from './document.ts'
import type { Place, Source } from './source.ts'

export interface Entry {
  readonly key: string
  readonly keyNode: Node
  /** Never an alias. */
  readonly value: Node
  readonly empty: boolean
}

/** What a reader needs beside the node: where problems go, what aliases name, and one matrix combination's values. */
export class Scope {
  readonly source: Source
  readonly #aliases: Aliases
  readonly #values: Readonly<Record<string, string>>

  constructor(source: Source, aliases: Aliases, values: Readonly<Record<string, string>> = {}) {
    this.source = source
    this.#aliases = aliases
    this.#values = values
  }

  with(values: Readonly<Record<string, string>>): Scope {
    return new Scope(this.source, this.#aliases, values)
  }

  /** Notes a problem at the node; answers undefined, so that a reader can end with it. */
  fail(node: Node | null | undefined, message: string): undefined {
    this.source.problem(offsetOf(node), message)
  }

  placeOf(node: Node): Place {
    return this.source.placeOf(offsetOf(node))
  }

  /** What a node stands for. An alias of an alias is not YAML, so once is enough. */
  follow(node: Node): Node {
    return isAlias(node) ? (this.#aliases.get(node) ?? node) : node
  }

  /** The text of a scalar, with `${NAME}` replaced from the matrix. */
  text(node: Scalar): string {
    return this.raw(node).replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) =>
      Object.hasOwn(this.#values, name) ? (this.#values[name] ?? '') : whole,
    )
  }

  /** The text of a scalar as it is written; null is empty. */
  raw(node: Scalar): string {
    return isEmpty(node) ? '' : String(node.value)
  }

  /** The mapping's entries in order, with what `<<` merges in; keys that stand twice are noted. */
  entries(map: YAMLMap): Entry[] {
    const own = new Map<string, Entry>()
    const merged: Entry[] = []
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const { key: keyNode } = pair
      const name = isScalar(keyNode) ? this.text(keyNode) : undefined
      if (name === undefined) {
        this.fail(keyNode, 'a key must be plain text')
      } else if (name === '<<') {
        merged.push(...this.#mergedBy(pair.value))
      } else if (FORBIDDEN_KEYS.has(name)) {
        this.fail(keyNode, `\`${name}\` is not allowed as a name; choose another`)
      } else {
        const twin = own.get(name)
        if (twin === undefined) own.set(name, this.#entry(name, keyNode, pair.value))
        else this.fail(keyNode, `\`${name}\` stands twice; it is already on line ${this.#line(twin.keyNode)}, keep one`)
      }
    }
    // Own keys win, then the first of what is merged.
    for (const entry of merged) if (!own.has(entry.key)) own.set(entry.key, entry)
    return [...own.values()]
  }

  #entry(key: string, keyNode: Node, value: Node | null): Entry {
    const followed = value === null ? nothingAt(keyNode) : this.follow(value)
    return { key, keyNode, value: followed, empty: isEmpty(followed) }
  }

  #mergedBy(value: Node | null): Entry[] {
    if (value === null) return []
    const target = this.follow(value)
    if (isMap(target)) return this.entries(target as YAMLMap)
    if (isSeq(target)) return target.items.flatMap((item) => this.#mergedBy(item as Node))
    this.fail(value, '`<<` merges mappings; write an alias of one, such as `*name`')
    return []
  }

  #line(node: Node): number {
    return this.placeOf(node).line
  }
}

/** Stands in for a value that was not written, where its key is. */
function nothingAt(key: Node): Scalar {
  const nothing = new Scalar('')
  nothing.type = 'PLAIN'
  nothing.range = key.range ?? null
  return nothing
}

/** YAML's ways to write null. */
export function isEmpty(node: Node): boolean {
  return isScalar(node) && node.type === 'PLAIN' && ['', '~', 'null', 'Null', 'NULL'].includes(String(node.value))
}
