import type { Node } from 'oxc-parser'
import { lineOf, type Source } from './sources.ts'
import { walk } from './walk.ts'

const FILE_LINES = 250
const FUNCTION_LINES = 50
const FUNCTIONS = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']

export function longFiles(sources: Source[]): string[] {
  return sources
    .filter((source) => !isExempt(source))
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > FILE_LINES)
    .map(({ path, lines }) => `${path} has ${lines} lines`)
}

export function longFunctions(sources: Source[]): string[] {
  return sources
    .filter((source) => !isExempt(source))
    .flatMap(({ path, text, program }) => {
      const found: string[] = []
      walk(program, (node) => {
        if (!isFunction(node) || (path.startsWith('test/') && listsTests(node))) return
        const first = lineOf(text, node.start)
        const lines = lineOf(text, node.end) - first + 1
        if (lines > FUNCTION_LINES) found.push(`${path}:${first} is a function of ${lines} lines`)
      })
      return found
    })
}

/** Generated files, and tables: files in which no function has a body of statements. */
function isExempt({ path, program }: Source): boolean {
  if (/\.generated\.tsx?$/.test(path)) return true
  let statements = false
  walk(program, (node) => {
    if (isFunction(node) && bodyOf(node).length > 0) statements = true
  })
  return !statements
}

/** A function that lists tests is as long as its list; each test in it is measured by itself. */
function listsTests(node: Node): boolean {
  return bodyOf(node).some(
    (statement) =>
      statement.type === 'ExpressionStatement' &&
      /^(describe|it|test|needsTool)$/.test(firstName(statement.expression) ?? ''),
  )
}

function firstName(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name
  if (node.type === 'CallExpression') return firstName(node.callee)
  if (node.type === 'MemberExpression') return firstName(node.object)
  return undefined
}

function isFunction(node: Node): boolean {
  return FUNCTIONS.includes(node.type)
}

function bodyOf(node: Node): Node[] {
  if (!('body' in node) || node.body === null || Array.isArray(node.body)) return []
  const { body } = node
  return body.type === 'BlockStatement' ? (body.body as Node[]) : []
}
