import type { Placed } from './heap.ts'
import type { LabelSet } from './label-sets.ts'
import type { Line, Queued } from './line.ts'

/** One workflow that is pending, offered or running, as the index sees it. */
export interface Entry extends Queued {
  readonly id: string
  version: number
  state: 'pending' | 'offered' | 'running'
  lease: string | null
  readonly set: LabelSet
  group: string | null
  /** Members of its group that may be offered or running while this one starts. */
  limit: number
  priority: number
  order: number
  /** The agent it was last handed to, while it is known here. */
  holder: string | null
  /** A pair was answered and not settled: in no line, and its group counts it. */
  reserved: boolean
  /** Its group lets it go; true without a group. */
  admitted: boolean
  lane: Lane | null
  hold: Hold | null
  /** Agents that may not have it for a while, by id. */
  exclusions: Map<string, Exclusion> | null
}

/** Work that the same agents may take: one label set, and the same agents excluded. Only its head needs matching. */
export interface Lane {
  readonly key: string
  readonly set: LabelSet
  readonly excluded: ReadonlySet<string>
  readonly line: Line<Entry>
}

/** A workflow that is not to be offered before then, in monotonic milliseconds. */
export interface Hold extends Placed {
  readonly entry: Entry
  until: number
}

/** An agent that may not have a workflow until then, in monotonic milliseconds. */
export interface Exclusion extends Placed {
  readonly entry: Entry
  readonly agentId: string
  until: number
}
