import type { Node, Program } from 'oxc-parser'

/** Where a node stands: its parents from near to far, and the key it has in the nearest. */
export interface Place {
  parents: Node[]
  key: string
}

/** Calls `visit` for every node, parents first. */
export function walk(program: Program, visit: (node: Node, place: Place) => void): void {
  descend(program, { parents: [], key: '' }, visit)
}

function descend(node: Node, place: Place, visit: (node: Node, place: Place) => void): void {
  visit(node, place)
  const parents = [node, ...place.parents]
  for (const [key, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) descend(child, { parents, key }, visit)
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

const NAMES_ONLY: Record<string, string> = {
  Property: 'key',
  MethodDefinition: 'key',
  PropertyDefinition: 'key',
  AccessorProperty: 'key',
  TSPropertySignature: 'key',
  TSMethodSignature: 'key',
  MemberExpression: 'property',
}

/** Whether an identifier merely names a member (`x.process`, `{ process: 1 }`) instead of referring to a variable. */
export function isMemberName({ parents: [parent], key }: Place): boolean {
  if (parent === undefined || NAMES_ONLY[parent.type] !== key) return false
  if (parent.type === 'Property' && parent.shorthand) return false
  return !('computed' in parent && parent.computed)
}
