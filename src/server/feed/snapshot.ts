import { type FeedData, SHAPE } from '../../protocol/index.ts'
import { EVERYTHING } from '../scope.ts'
import type { Store } from '../store/store.ts'
import { workflowOf } from '../workflow-of.ts'
import type { ReadSnapshot } from './sink.ts'
import { parseTopic } from './topic.ts'

export type Readable = Pick<Store, 'get' | 'list' | 'getAgent' | 'listAgents' | 'queueInfo'>

/**
 * The reader of a topic's snapshot: the newest page of workflows, the first of the agents; the rest is had by `list`
 * and `agents`. `bad_request` at once for a topic that does not exist; the reader rejects with `not_found`.
 */
export function snapshotOf(store: Readable, topic: string, scope = EVERYTHING): ReadSnapshot {
  const name = parseTopic(topic)
  switch (name.of) {
    case 'workflows':
      return async () => {
        const { workflows } = await store.list({ limit: SHAPE.page, scope })
        return workflows.map((workflow): FeedData => ({ kind: 'workflow', workflow }))
      }
    case 'agents':
      return async () => {
        const { agents } = await store.listAgents({ limit: SHAPE.pageMax, scope })
        return agents.map((agent): FeedData => ({ kind: 'agent', agent }))
      }
    case 'queue':
      return async () => [{ kind: 'queue', queue: await store.queueInfo(scope) }]
    case 'workflow':
      return async () => [{ kind: 'workflow', workflow: await workflowOf(store, name.id, scope) }]
    case 'logs':
      return async () => {
        await workflowOf(store, name.id, scope)
        return []
      }
  }
}
