import {
  Composer,
  type CST,
  type Document,
  isMap,
  Lexer,
  type Node,
  Parser,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml'
import { type Aliases, resolveAliases } from './aliases.ts'
import type { Source } from './source.ts'
import { sentenceOf } from './syntax.ts'
import { isReadable } from './text.ts'
import { walkTokens } from './tokens.ts'

/** Nesting of what may be written. The composer calls itself per level, and a deep stack kills the whole process. */
const DEPTH = 40
/** Pieces of YAML in a file. What is made of them costs far more than finding them, most of all where they are errors. */
const LEXEMES = 50_000
const TAG = 'tags such as `!name` are not used; remove it, or put quotes around the text'

export interface Written {
  readonly map: YAMLMap
  readonly aliases: Aliases
}

/** Reads the one YAML mapping that a workflow file is, or notes why it is none. */
export function readDocument(source: Source): Written | undefined {
  if (!isReadable(source)) return undefined
  const tokens = tokensOf(source)
  const document = tokens === undefined ? undefined : compose(source, tokens)
  if (tokens === undefined || document === undefined) return undefined
  const broken = refuseErrors(source, tokens, document)
  const contents = document.contents as Node
  const aliases = broken ? undefined : resolveAliases(source, contents)
  if (aliases === undefined) return undefined
  if (isMap(contents)) return { map: contents as YAMLMap, aliases }
  source.problem(offsetOf(contents), 'a workflow file is a mapping of keys such as `steps:`; this is not one')
  return undefined
}

export function offsetOf(node: { range?: [number, number, number] | null } | null | undefined): number {
  return node?.range?.[0] ?? 0
}

/** The file in tokens, unless there are too many, they nest too deep, or one is a tag. */
function tokensOf(source: Source): CST.Token[] | undefined {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let count = 0
  for (const lexeme of new Lexer().lex(source.file.text)) {
    if (++count > LEXEMES) {
      source.problem(0, `the file has over ${LEXEMES} keys, values and marks; a workflow needs far fewer`)
      return undefined
    }
    tokens.push(...parser.next(lexeme))
  }
  tokens.push(...parser.end())
  return tokens.every((top) => isPlain(source, top)) ? tokens : undefined
}

/** Notes the first token that stands too deep, or all tags: `! test -e x` would be read as `test -e x`. */
function isPlain(source: Source, top: CST.Token): boolean {
  const before = source.count
  for (const { token, depth } of walkTokens(top)) {
    if (depth > DEPTH) {
      source.problem(token.offset, `the file is nested more than ${DEPTH} levels deep; a workflow needs four`)
      return false
    }
    if (token.type === 'tag') source.problem(token.offset, TAG)
  }
  return source.count === before
}

function compose(source: Source, tokens: CST.Token[]): Document | undefined {
  // Failsafe: every scalar stays the text that was written, so `1.10` is not 1.1 and `no` is not false.
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, strict: true, prettyErrors: false })
  const [first, second] = [...composer.compose(tokens, true, source.file.text.length)] as Document[]
  if (first === undefined || (first.contents === null && first.errors.length === 0)) {
    source.problem(0, 'the file is empty; a workflow needs at least `steps`')
    return undefined
  }
  if (second === undefined) return first
  const [, start] = tokens.filter(({ type }) => type === 'document')
  source.problem(
    start?.offset ?? 0,
    'a second document starts here; a file holds one workflow, so put this into a file of its own',
  )
  return undefined
}

/** Notes what the document cannot be read for; answers whether there is anything. */
function refuseErrors(source: Source, tokens: readonly CST.Token[], document: Document): boolean {
  const before = source.count
  // Only the first: where YAML has lost its way, the rest is confusion.
  for (const error of [...document.errors.slice(0, 1), ...document.warnings]) {
    const at = isOpenQuote(error) ? lastQuote(tokens, error.pos[0]) : error.pos[0]
    source.problem(at, sentenceOf(error, source.file.text.slice(at)))
  }
  if (source.count > before) return true
  visit(document, {
    Scalar: (_, node) => {
      if (String(node.value).includes('\0'))
        source.problem(offsetOf(node), 'a NUL character cannot be given to a program')
    },
  })
  return source.count > before
}

function isOpenQuote({ code, message }: YAMLError): boolean {
  return code === 'MISSING_CHAR' && message.includes('closing')
}

/** Where the last quoted text before an offset begins. */
function lastQuote(tokens: readonly CST.Token[], before: number): number {
  let last = 0
  for (const top of tokens) {
    for (const { token } of walkTokens(top)) {
      if (token.type.endsWith('-quoted-scalar') && token.offset < before) last = Math.max(last, token.offset)
    }
  }
  return last
}
