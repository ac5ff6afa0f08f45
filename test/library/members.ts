import type { Node } from 'oxc-parser'
import { lineOf, type Source } from '../architecture/sources.ts'
import { commentBefore } from './comments.ts'
import { commentOf, type Declared, type Exported, nameOf } from './surface.ts'

/** What a program could touch and would find no word about. */
export function undocumented(surface: readonly Exported[]): string[] {
  const documented = membersWithComments(surface)
  return surface.flatMap((exported) => [
    ...(commentOf(exported) === undefined ? [exported.name] : []),
    ...exported.declared.flatMap((declared) => {
      const known = new Set(promised(declared.declaration).flatMap((name) => [...(documented.get(name) ?? [])]))
      return membersOf(declared.declaration)
        .filter((member) => !isSaid(declared.source, member) && !known.has(nameOf(member.key)))
        .map((member) => `${exported.name}.${nameOf(member.key)} (${where(declared, member)})`)
    }),
  ])
}

const SAID = /\.describe\(|\babout:\s/

type Member = Node & { readonly key: Node }

/** Properties and methods, of an interface, a class, a type or an object that is a table. */
function membersOf(declaration: Node): Member[] {
  return listOf(declaration).filter((node): node is Member => {
    if (!('key' in node)) return false
    const key = node.key as Node
    if (key.type === 'PrivateIdentifier' || key.type === 'TemplateLiteral') return false
    if ('accessibility' in node && node.accessibility === 'private') return false
    // What its superclass has said, and how it comes into being, the class says itself.
    return !('override' in node && node.override) && !('kind' in node && node.kind === 'constructor')
  })
}

function listOf(node: Node): Node[] {
  switch (node.type) {
    case 'TSInterfaceDeclaration':
    case 'ClassDeclaration':
      return node.body.body as Node[]
    case 'TSTypeAliasDeclaration':
      return listOf(node.typeAnnotation)
    case 'TSTypeLiteral':
      return node.members
    case 'TSIntersectionType':
      return node.types.flatMap(listOf)
    case 'VariableDeclarator':
      return node.init === null ? [] : listOf(node.init)
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
      return listOf(node.expression)
    case 'CallExpression':
      return [node.callee, ...node.arguments].flatMap(listOf)
    case 'MemberExpression':
      return listOf(node.object)
    case 'ObjectExpression':
      return node.properties
    default:
      return []
  }
}

/** Names of the interfaces that a declaration implements or is one of: it need not say again what they say. */
function promised(declaration: Node): string[] {
  const names: Node[] = []
  if (declaration.type === 'ClassDeclaration')
    names.push(...(declaration.implements ?? []).map(({ expression }) => expression))
  if (declaration.type === 'VariableDeclarator') {
    const type = declaration.id.typeAnnotation?.typeAnnotation
    if (type?.type === 'TSTypeReference') names.push(type.typeName)
  }
  return names.flatMap((node) => (node.type === 'Identifier' ? [node.name] : []))
}

function membersWithComments(surface: readonly Exported[]): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    surface.map(({ name, declared }) => [
      name,
      new Set(declared.flatMap(({ declaration }) => membersOf(declaration).map(({ key }) => nameOf(key)))),
    ]),
  )
}

/** By a comment, or to the schema or the method itself: then it also stands in `docs/protocol.md`. */
function isSaid(source: Source, member: Member): boolean {
  return commentBefore(source, member) !== undefined || SAID.test(source.text.slice(member.start, member.end))
}

function where({ source }: Declared, { start }: Node): string {
  return `${source.path}:${lineOf(source.text, start)}`
}
