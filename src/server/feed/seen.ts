import type { FeedData, Labels } from '../../protocol/index.ts'
import { isScoped, type Scope, sees } from '../scope.ts'

/**
 * What a scope is told of an event; undefined: nothing. `was`: labels that its entity had until now. What leaves a scope
 * is removed there.
 */
export function seenIn(scope: Scope, data: FeedData, was: readonly Labels[]): FeedData | undefined {
  if (!isScoped(scope)) return data
  const before = was.some((labels) => sees(scope, labels))
  switch (data.kind) {
    case 'workflow':
    case 'agent': {
      const { id, version, labels } = data.kind === 'agent' ? data.agent : data.workflow
      if (sees(scope, labels)) return data
      return before ? { kind: 'removed', id, version } : undefined
    }
    case 'removed':
      return before ? data : undefined
    case 'queue':
    case 'trend':
    case 'log':
      // Carry no labels: never told but to the very scope that they are of.
      return undefined
  }
}
