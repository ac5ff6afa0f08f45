import type { Node } from 'oxc-parser'
import { resolve } from '../architecture/imports.ts'
import type { Source } from '../architecture/sources.ts'
import { commentBefore } from './comments.ts'

/** Something that a program can import: a schema and its type share one name. */
export interface Exported {
  readonly name: string
  readonly declared: readonly Declared[]
}

/** A declaration where it stands; `node` is what its comment stands before. */
export interface Declared {
  readonly source: Source
  readonly node: Node
  readonly declaration: Node
}

/** All that a module exports, through whatever files, in the order of its text. */
export function surfaceOf(tree: readonly Source[], path: string): Exported[] {
  const found = new Map<string, Declared[]>()
  for (const [name, declared] of exportsOf(new Map(tree.map((source) => [source.path, source])), path)) {
    found.set(name, [...(found.get(name) ?? []), declared])
  }
  return [...found].map(([name, declared]) => ({ name, declared }))
}

/** The comment of something exported: of the first of its declarations that has one. */
export function commentOf({ declared }: Exported): string | undefined {
  return declared.map(({ source, node }) => commentBefore(source, node)).find((comment) => comment !== undefined)
}

type Files = ReadonlyMap<string, Source>

function* exportsOf(files: Files, path: string): Generator<[string, Declared]> {
  const source = files.get(path)
  if (source === undefined) throw new Error(`no file ${path}`)
  for (const node of source.program.body) {
    if (node.type === 'ExportAllDeclaration') yield* exportsOf(files, resolve(path, node.source.value))
    if (node.type !== 'ExportNamedDeclaration') continue
    if (node.declaration !== null) yield* declaredBy(source, node, node.declaration)
    for (const { local, exported } of node.specifiers) {
      const from = node.source === null ? undefined : resolve(path, node.source.value)
      if (from === undefined) throw new Error(`${path} exports ${nameOf(local)} apart from its declaration`)
      yield* named(exportsOf(files, from), nameOf(local), nameOf(exported))
    }
  }
}

function* named(all: Iterable<[string, Declared]>, local: string, exported: string): Generator<[string, Declared]> {
  for (const [name, declared] of all) if (name === local) yield [exported, declared]
}

function* declaredBy(source: Source, node: Node, declaration: Node): Generator<[string, Declared]> {
  if (declaration.type === 'VariableDeclaration') {
    for (const one of declaration.declarations) yield [nameOf(one.id), { source, node, declaration: one }]
  } else if ('id' in declaration && declaration.id !== null && declaration.id !== undefined) {
    yield [nameOf(declaration.id as Node), { source, node, declaration }]
  }
}

export function nameOf(node: Node): string {
  if (node.type === 'Identifier' || node.type === 'PrivateIdentifier') return node.name
  if (node.type === 'Literal') return String(node.value)
  throw new Error(`a ${node.type} is no name`)
}
