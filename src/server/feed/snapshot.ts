import { BusError, type FeedData, SHAPE, type TrendPoint } from '../../protocol/index.ts'
import { fitting } from '../fitting.ts'
import { EVERYTHING, isScoped } from '../scope.ts'
import type { Store } from '../store/store.ts'
import { workflowOf } from '../workflow-of.ts'
import type { ReadSnapshot } from './sink.ts'
import { parseTopic } from './topic.ts'

const OF_ALL = 'the trend counts the work of everybody; this credential sees only what carries its labels'

export type Readable = Pick<Store, 'get' | 'list' | 'getAgent' | 'listAgents' | 'queueInfo'>

/** Where what a topic shows is read. */
interface Shelf {
  readonly store: Readable
  readonly trend: { readonly points: readonly TrendPoint[] }
}

/**
 * The reader of a topic's snapshot: the newest page of workflows, the first of the agents, as much of them as one message holds; the
 * rest is had by `list` and `agents`. `bad_request` at once for a topic that does not exist, `forbidden` for one that is not for this
 * scope; the reader rejects with `not_found`.
 */
export function snapshotOf({ store, trend }: Shelf, topic: string, scope = EVERYTHING): ReadSnapshot {
  const name = parseTopic(topic)
  switch (name.of) {
    case 'workflows':
      return whatFits(SHAPE.page, async (limit) => {
        const { workflows } = await store.list({ limit, scope })
        return workflows.map((workflow) => ({ kind: 'workflow', workflow }))
      })
    case 'agents':
      return whatFits(SHAPE.pageMax, async (limit) => {
        const { agents } = await store.listAgents({ limit, scope })
        return agents.map((agent) => ({ kind: 'agent', agent }))
      })
    case 'queue':
      return async () => [{ kind: 'queue', queue: await store.queueInfo(scope) }]
    case 'trend':
      if (isScoped(scope)) throw new BusError('forbidden', OF_ALL)
      return async () => trend.points.map((point) => ({ kind: 'trend', point }))
    case 'workflow':
      return async () => [{ kind: 'workflow', workflow: await workflowOf(store, name.id, scope) }]
    case 'logs':
      return async () => {
        await workflowOf(store, name.id, scope)
        return []
      }
  }
}

/** Rows of a list, as many as fit into the answer to `subscribe`. */
function whatFits(most: number, read: (limit: number) => Promise<FeedData[]>): ReadSnapshot {
  return async () => {
    const answer = async (limit: number) => ({ epoch: '', offset: 0, page: await read(limit), snapshot: true })
    return (await fitting('subscribe', most, answer)).page
  }
}
