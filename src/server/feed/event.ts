import type { FeedData } from '../../protocol/index.ts'

/** One event of a topic. `data` is one object however many get it, and never changed. */
export interface FeedEvent {
  readonly offset: number
  readonly data: FeedData
}

/** What the event is of: a later one of the same entity makes it worthless. Undefined: every one counts. */
function entityOf(data: FeedData): string | undefined {
  switch (data.kind) {
    case 'workflow':
      return data.workflow.id
    case 'agent':
      return data.agent.id
    case 'queue':
      return 'queue'
    case 'trend':
      return `trend/${data.point.version}`
    case 'removed':
      return data.id
    case 'log':
      return undefined
  }
}

/** Raised with every change of the entity. */
export function versionOf(data: FeedData): number {
  switch (data.kind) {
    case 'workflow':
      return data.workflow.version
    case 'agent':
      return data.agent.version
    case 'queue':
      return data.queue.version
    case 'trend':
      return data.point.version
    case 'removed':
      return data.version
    case 'log':
      return 0
  }
}

const sizes = new WeakMap<FeedData, number>()

/** About as many bytes as it takes on the wire. Costs an encoding, once: asked only of what has to be kept. */
export function sizeOf(data: FeedData): number {
  let size = sizes.get(data)
  if (size === undefined) {
    size = Buffer.byteLength(JSON.stringify(data)) + 100
    sizes.set(data, size)
  }
  return size
}

/** Where an event is kept: a later one of the same entity takes its place. */
export function slotOf({ offset, data }: FeedEvent): string {
  return entityOf(data) ?? `#${offset}`
}
