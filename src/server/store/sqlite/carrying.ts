import type { Labels } from '../../../protocol/index.ts'
import type { Value } from './db.ts'

/** A further condition of a statement, and what it binds. */
interface Condition {
  sql: string
  values: Value[]
}

const NONE: Condition = { sql: '', values: [] }

/** That the workflow `w` carries these labels: for a look-up by id and scope in one. */
export function carrying(labels: Labels): Condition {
  return all(labels, 'EXISTS (SELECT 1 FROM label l WHERE l.key = ? AND l.value = ? AND l.workflow = w.ord)')
}

/** That the agent `g` carries these labels. */
export function agentCarrying(labels: Labels): Condition {
  return all(labels, 'EXISTS (SELECT 1 FROM json_each(g.labels) l WHERE l.key = ? AND l.value = ?)')
}

/** That what is left of a workflow `o` carries these labels. */
export function goneCarrying(labels: Labels): Condition {
  return all(labels, 'EXISTS (SELECT 1 FROM json_each(o.labels) l WHERE l.key = ? AND l.value = ?)')
}

function all(labels: Labels, one: string): Condition {
  const pairs = Object.entries(labels)
  if (pairs.length === 0) return NONE
  return { sql: ` AND ${pairs.map(() => one).join(' AND ')}`, values: pairs.flat() }
}
