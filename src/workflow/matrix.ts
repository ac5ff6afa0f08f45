import { isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml'
import { SHAPE, VariableName } from '../protocol/index.ts'
import { mapping, type Read, reason, short } from './read.ts'
import type { Scope } from './scope.ts'

/** One combination of a matrix: the variables it sets. */
export type Combination = Readonly<Record<string, string>>

/** `matrix`: the product of its axes, then what `include` adds. */
export const matrix: Read<Combination[]> = (node, scope, what) => {
  const map = mapping(node, scope, what, '{GO: [1.22, 1.23]}')
  if (map === undefined) return undefined
  const before = scope.source.count
  const axes: [name: string, values: string[]][] = []
  let included: Combination[] = []
  for (const { key, keyNode, value } of scope.entries(map)) {
    if (key === 'include') {
      included = include(value, scope)
      continue
    }
    if (key === 'exclude') {
      scope.fail(keyNode, '`exclude` is not known; list the combinations that you want under `include`')
      continue
    }
    checkName(key, keyNode, scope)
    axes.push([key, axis(key, value, scope)])
  }
  if (scope.source.count > before) return undefined
  // Counted before it is multiplied out.
  const count = axes.reduce((size, [, values]) => size * values.length, axes.length === 0 ? 0 : 1) + included.length
  if (count === 0) return scope.fail(node, '`matrix` is empty; write an axis such as `GO: [1.22, 1.23]`')
  if (count <= SHAPE.workflowsPerSubmit) return distinct([...product(axes), ...included])
  return scope.fail(node, `\`matrix\` makes ${count} workflows; at most ${SHAPE.workflowsPerSubmit} are allowed`)
}

function axis(name: string, node: Node, scope: Scope): string[] {
  if (!isSeq(node) || node.items.length === 0) {
    scope.fail(node, `the axis \`${name}\` must be a list of values`)
    return []
  }
  return node.items.flatMap((raw) => {
    const item = scope.follow(raw as Node)
    if (isScalar(item)) return [scope.raw(item)]
    scope.fail(item, `a value of the axis \`${name}\` must be one value`)
    return []
  })
}

function include(node: Node, scope: Scope): Combination[] {
  if (!isSeq(node)) {
    scope.fail(node, '`include` must be a list of mappings, one per combination')
    return []
  }
  return node.items.flatMap((raw) => {
    const map = mapping(scope.follow(raw as Node), scope, 'an entry of `include`', '{GO: tip}')
    if (map?.items.length === 0) scope.fail(map, 'an entry of `include` is empty; write the variables that it sets')
    return map === undefined ? [] : [combination(map, scope)]
  })
}

function combination(map: YAMLMap, scope: Scope): Combination {
  const pairs = scope.entries(map).map(({ key, keyNode, value }) => {
    checkName(key, keyNode, scope)
    if (isScalar(value)) return [key, scope.raw(value)]
    scope.fail(value, `\`${key}\` must be one value, not a ${isMap(value) ? 'mapping' : 'list'}`)
    return [key, '']
  })
  return Object.fromEntries(pairs)
}

function checkName(key: string, node: Node, scope: Scope): void {
  const named = VariableName.safeParse(key)
  if (!named.success) scope.fail(node, `the matrix variable \`${short(key)}\` ${reason(named.error)}`)
}

function product(axes: readonly [string, string[]][]): Combination[] {
  if (axes.length === 0) return []
  return axes.reduce<Combination[]>(
    (rows, [name, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [name]: value }))),
    [{}],
  )
}

function distinct(rows: readonly Combination[]): Combination[] {
  return [...new Map(rows.map((row) => [JSON.stringify(Object.entries(row).sort()), row])).values()]
}

/** ` (K=v, …)`, behind the name of the workflow. */
export function suffix(values: Combination): string {
  const pairs = Object.entries(values).map(([key, value]) => `${key}=${value}`)
  return pairs.length === 0 ? '' : ` (${pairs.join(', ')})`
}
