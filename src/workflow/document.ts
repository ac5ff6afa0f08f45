import { Composer, type CST, type Document, isMap, type Node, Parser, type YAMLError, type YAMLMap } from 'yaml'
import { SHAPE } from '../protocol/index.ts'
import { type Aliases, resolveAliases } from './aliases.ts'
import type { Source } from './source.ts'

/** Nesting of what may be written. The composer calls itself per level, and a deep stack kills the whole process. */
const DEPTH = 40
/** A broken text of many lines has an error in each, and the composer makes them all: seconds, where the size allows it. */
const LINES = 20_000
export interface Written {
  readonly map: YAMLMap
  readonly aliases: Aliases
}

/** Reads the one YAML mapping that a workflow file is, or notes why it is none. */
export function readDocument(source: Source): Written | undefined {
  const { text } = source.file
  if (text.length > SHAPE.fileBytes || new TextEncoder().encode(text).length > SHAPE.fileBytes) {
    source.problem(0, 'the file is larger than 1 MiB; split it')
    return undefined
  }
  if (hasTooManyLines(text)) {
    source.problem(0, `the file has over ${LINES} lines; put long scripts into files of their own`)
    return undefined
  }
  const document = compose(source, text)
  if (document === undefined) return undefined
  // Only the first: where YAML has lost its way, the rest is confusion.
  for (const error of document.errors.slice(0, 1)) source.problem(error.pos[0], sentence(error))
  for (const warning of document.warnings) source.problem(warning.pos[0], sentence(warning))
  if (document.errors.length > 0) return undefined
  const contents = document.contents as Node
  const aliases = resolveAliases(source, contents)
  if (aliases === undefined) return undefined
  if (isMap(contents)) return { map: contents as YAMLMap, aliases }
  source.problem(offsetOf(contents), 'a workflow file is a mapping of keys such as `steps:`; this is not one')
  return undefined
}

export function offsetOf(node: { range?: [number, number, number] | null } | null | undefined): number {
  return node?.range?.[0] ?? 0
}

function compose(source: Source, text: string): Document | undefined {
  const tokens: CST.Token[] = []
  for (const token of new Parser(source.lines.addNewLine).parse(text)) {
    const deep = tooDeep(token)
    if (deep !== undefined) {
      source.problem(deep, `the file is nested more than ${DEPTH} levels deep; a workflow needs four`)
      return undefined
    }
    tokens.push(token)
  }
  // Failsafe: every scalar stays the text that was written, so `1.10` is not 1.1 and `no` is not false.
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, strict: true, prettyErrors: false })
  const [first, second] = [...composer.compose(tokens, true, text.length)] as Document[]
  if (first === undefined || (first.contents === null && first.errors.length === 0)) {
    source.problem(0, 'the file is empty; a workflow needs at least `steps`')
    return undefined
  }
  if (second === undefined) return first
  const where = second.contents === null ? second.range?.[0] : offsetOf(second.contents)
  source.problem(
    where ?? 0,
    'a second document starts here; a file holds one workflow, so put this into a file of its own',
  )
  return undefined
}

function hasTooManyLines(text: string): boolean {
  let lines = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) if (++lines > LINES) return true
  return false
}

/** Offset of the first token below the allowed depth. Walks with a list of its own: the depth is not to be trusted. */
function tooDeep(top: CST.Token): number | undefined {
  const waiting: { token: CST.Token; depth: number }[] = [{ token: top, depth: 0 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next
    if (depth > DEPTH) return token.offset
    if (token.type === 'document' && token.value !== undefined) waiting.push({ token: token.value, depth })
    if (!('items' in token)) continue
    for (const { key, value } of token.items) {
      if (key != null) waiting.push({ token: key, depth: depth + 1 })
      if (value != null) waiting.push({ token: value, depth: depth + 1 })
    }
  }
  return undefined
}

const SENTENCES: Record<string, string> = {
  TAB_AS_INDENT: 'a tab is used for indentation; YAML wants spaces',
  BAD_INDENT: 'the indentation fits nothing above; line it up with its neighbours',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line; is a `:` or a quote missing?',
  TAG_RESOLVE_FAILED: 'tags such as `!name` are not used in workflow files; remove it',
  UNEXPECTED_TOKEN: 'this is not expected here; is a quote, a bracket or a `-` wrong?',
  BLOCK_AS_IMPLICIT_KEY: 'two `:` stand on one line; put quotes around the text that holds one',
  BAD_ALIAS: 'this alias names no anchor (`&name`) above it',
}

function sentence(error: YAMLError): string {
  return SENTENCES[error.code] ?? `${lowerFirst(error.message)}; this is not YAML`
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
