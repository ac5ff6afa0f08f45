import type { WorkflowStateName } from '../../../protocol/index.ts'
import type { Passage } from '../change.ts'

/** Where a workflow stands, and since when. */
interface Place {
  state: WorkflowStateName
  queued: number | null
  started: number | null
  finished: number | null
  ended: number | null
  canceled: number | null
  received: number | null
  stopping: number | null
  stopped: number | null
}

const WORDS = ['received', 'stopping', 'stopped'] as const

/** What a change of a workflow has ended, and how long that took; nothing where it only noted something. */
export function passageOf(before: Place, after: Place, now: number): { passage?: Passage } {
  const cancel = cancelOf(before, after)
  if (before.state === after.state && cancel === undefined) return {}
  return {
    passage: {
      from: before.state,
      ...(after.state === 'running' && before.state === 'offered' && { waitedMs: between(after.queued, now) }),
      ...(before.state === 'running' && after.ended !== null && { ranMs: between(after.started, after.finished) }),
      ...(cancel !== undefined && { cancel }),
    },
  }
}

/** From the request to each word of the agent that is new. */
function cancelOf(before: Place, after: Place): Passage['cancel'] {
  const asked = after.canceled
  if (asked === null) return undefined
  const said = WORDS.filter((word) => before[word] === null && after[word] !== null)
  if (said.length === 0) return undefined
  return Object.fromEntries(said.map((word) => [word, between(asked, after[word])]))
}

/** Clocks may have been set back meanwhile. */
function between(from: number | null, to: number | null): number {
  return from === null || to === null ? 0 : Math.max(0, to - from)
}
