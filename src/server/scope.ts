import type { Labels, Role } from '../protocol/index.ts'

/**
 * What a credential may see and touch: the workflows and agents that carry all of these labels. Empty: everything. The
 * store looks up by id and scope at once, so that what is out of scope and what is not there are one and the same.
 */
export type Scope = Labels

/** Of whoever may see all there is. */
export const EVERYTHING: Scope = {}

/** An operator's and a viewer's scope are the labels of the credential. An admin has none. */
export function scopeOf({ role, labels }: { role: Role; labels: Labels }): Scope {
  return role === 'operator' || role === 'viewer' ? labels : EVERYTHING
}

export function isScoped(scope: Scope): boolean {
  for (const _ in scope) return true
  return false
}

/** Whether what carries these labels is in scope. */
export function sees(scope: Scope, labels: Labels): boolean {
  for (const key in scope) if (!Object.hasOwn(labels, key) || labels[key] !== scope[key]) return false
  return true
}

/** Equal for equal scopes; empty for everything. */
export function scopeKey(scope: Scope): string {
  if (!isScoped(scope)) return ''
  return JSON.stringify(Object.entries(scope).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** No name of a group has one. */
const BETWEEN = '\n'

/** A concurrency group is global by its name; that of a scoped credential is shared with its own scope alone. */
export function groupIn(scope: Scope, name: string): string {
  return isScoped(scope) ? `${name}${BETWEEN}${scopeKey(scope)}` : name
}

/** As its users call it. */
export function groupName(group: string): string {
  return group.split(BETWEEN, 1)[0] ?? group
}
