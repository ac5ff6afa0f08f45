import { MESSAGE } from './limits.ts'
import { FORBIDDEN_KEYS } from './names.ts'

/** Counts down over one walk. A walk never waits, so one counter serves all. */
let left = 0

/**
 * Looks at every value a peer sent, before anything is made of it: how deep, how many, and no key that reaches a
 * prototype. Works on the parsed value, since `"\u005f_proto__"` escapes any look at the text. The stack never holds
 * more than `MESSAGE.depth` calls, however deep the value. Answers what is wrong, or undefined.
 */
export function walkProblem(value: unknown, nodes: number): string | undefined {
  left = nodes
  return visit(value, MESSAGE.depth)
}

function visit(value: unknown, depth: number): string | undefined {
  if (--left < 0) return 'too many values'
  if (typeof value !== 'object' || value === null) return undefined
  if (depth <= 0) return 'nested too deeply'
  return Array.isArray(value) ? visitItems(value, depth - 1) : visitKeys(value as Record<string, unknown>, depth - 1)
}

function visitItems(items: readonly unknown[], depth: number): string | undefined {
  for (const item of items) {
    const problem = visit(item, depth)
    if (problem !== undefined) return problem
  }
  return undefined
}

function visitKeys(object: Record<string, unknown>, depth: number): string | undefined {
  for (const key in object) {
    // The three forbidden names have 9 or 11 letters: the set is rarely asked.
    if ((key.length === 9 || key.length === 11) && FORBIDDEN_KEYS.has(key)) return 'a forbidden key'
    const problem = visit(object[key], depth)
    if (problem !== undefined) return problem
  }
  return undefined
}
