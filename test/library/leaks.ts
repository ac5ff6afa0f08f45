import type { Node } from 'oxc-parser'
import { lineOf, type Source } from '../architecture/sources.ts'
import { walk } from '../architecture/walk.ts'
import { commentBefore } from './comments.ts'
import { type Declared, type Exported, nameOf } from './surface.ts'

/** Types that a signature names and that nobody can import: from this entry point, or from one that is `shared`. */
export function leaks(surface: readonly Exported[], shared: readonly Exported[] = []): string[] {
  const known = new Set([...surface, ...shared].map(({ name }) => name))
  return surface.flatMap(({ name, declared }) =>
    declared.flatMap((one) =>
      typesIn(one)
        .filter((type) => !known.has(type.name) && !GLOBAL.has(type.name))
        .map((type) => `${name} names ${type.name} (${one.source.path}:${lineOf(one.source.text, type.at)})`),
    ),
  )
}

/** What every program has: of the language, of timers and signals, and the schemas' own package. */
const GLOBAL: ReadonlySet<string> = new Set(
  `Promise Record Readonly ReadonlySet ReadonlyMap Partial Pick Omit Exclude Extract Parameters ReturnType Iterable
   AsyncGenerator Array Date Error ErrorOptions AbortSignal URL z const`.split(/\s+/),
)

/** The names of types in what others see of a declaration: not in its bodies, not in its private members. */
function typesIn({ source, declaration }: Declared): { name: string; at: number }[] {
  const found: { name: string; at: number }[] = []
  const own = new Set<string>()
  walk({ ...source.program, body: [declaration] as typeof source.program.body }, (node, { parents }) => {
    if (node.type === 'TSTypeParameter') own.add(nameOf(node.name as Node))
    if (node.type === 'TSMappedType') own.add(nameOf(node.key as Node))
    if (node.type !== 'TSTypeReference' || [node, ...parents].some((one) => isHidden(source, one))) return
    const name = leftmost(node.typeName as Node)
    found.push({ name, at: node.start })
  })
  return found.filter(({ name }) => !own.has(name))
}

function isHidden(source: Source, node: Node): boolean {
  // The build leaves it out of the declarations.
  if (commentBefore(source, node)?.startsWith('@internal')) return true
  if (node.type === 'BlockStatement' || node.type === 'ObjectExpression') return true
  if (node.type === 'MethodDefinition' && node.kind === 'constructor' && node.accessibility === 'private') return true
  return 'key' in node && (node.key as Node).type === 'PrivateIdentifier'
}

function leftmost(node: Node): string {
  return node.type === 'TSQualifiedName' ? leftmost(node.left as Node) : nameOf(node)
}
