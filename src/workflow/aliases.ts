import { type Alias, isAlias, isCollection, isPair, type Node } from 'yaml'
import { didYouMean, nearest } from './nearest.ts'
import type { Source } from './source.ts'

/** Values a file may stand for once its aliases are followed. */
const VALUES = 100_000
/** Among more anchors than this no similar name is looked for. */
const MANY = 100

/** What each alias of a document stands for. */
export type Aliases = ReadonlyMap<Alias, Node>

/**
 * Finds what each alias stands for: the nearest anchor of that name above it. Notes aliases that name nothing or hold
 * themselves, and the few lines that would stand for billions of values (an "alias bomb").
 */
export function resolveAliases(source: Source, contents: Node): Aliases | undefined {
  const walk = new Walk(source)
  if (walk.weigh(contents) > VALUES) {
    source.problem(
      contents.range?.[0] ?? 0,
      `the file stands for over ${VALUES} values, its aliases followed; a workflow needs far fewer`,
    )
    return undefined
  }
  return walk.sound ? walk.aliases : undefined
}

class Walk {
  readonly aliases = new Map<Alias, Node>()
  sound = true
  readonly #source: Source
  readonly #anchors = new Map<string, { node: Node; weight: number }>()

  constructor(source: Source) {
    this.#source = source
  }

  /** How many values a node stands for. Depth was bounded before. */
  weigh(node: unknown): number {
    if (isPair(node)) return this.weigh(node.key) + this.weigh(node.value)
    if (isAlias(node)) return this.#follow(node)
    const items: readonly unknown[] = isCollection(node) ? node.items : []
    const weight = items.reduce((sum: number, item) => sum + this.weigh(item), 1)
    const { anchor } = (node ?? {}) as { anchor?: string }
    // Only now: an alias within must not find what it stands in.
    if (anchor !== undefined) this.#anchors.set(anchor, { node: node as Node, weight })
    return weight
  }

  #hint(name: string): string {
    if (!/^\w[\w-]*$/.test(name)) return '; put quotes around text that begins with `*`'
    return this.#anchors.size > MANY ? '' : didYouMean(nearest(name, [...this.#anchors.keys()]))
  }

  #follow(alias: Alias): number {
    const target = this.#anchors.get(alias.source)
    if (target === undefined) {
      this.sound = false
      this.#source.problem(
        alias.range?.[0] ?? 0,
        `\`*${alias.source}\` names no anchor \`&${alias.source}\` that ends above it${this.#hint(alias.source)}`,
      )
      return 1
    }
    this.aliases.set(alias, target.node)
    return target.weight
  }
}
