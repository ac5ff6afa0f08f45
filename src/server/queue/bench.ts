import type { Labels } from '../../protocol/index.ts'
import type { Placed } from './heap.ts'

/** One open `next`. */
export interface Waiting {
  /** Unique among all connections; made by the session. */
  readonly id: string
  readonly agentId: string
  readonly connection: number
  /** The agent's, merged with the call's filter. */
  readonly labels: Labels
  /** Monotonic milliseconds; for people. Who waits longer is told by the order of opening. */
  readonly openedAt: number
}

/** An agent that waits or holds work, as the index sees it. */
export interface Agent {
  readonly id: string
  schedulable: boolean
  draining: boolean
  /** It let an offer lapse and has not said a word since. */
  silent: boolean
  /** Ids of its open `next`s. */
  readonly asks: Set<string>
  /** Ids of the workflows it holds. */
  readonly holds: Set<string>
  /** By the key of their labels. */
  readonly benches: Map<string, Bench>
}

/** Where an agent's open `next`s of equal labels wait, longest first. */
export interface Bench extends Placed {
  readonly agent: Agent
  readonly key: string
  readonly labels: Labels
  readonly seats: Seat[]
  cohort: Company | null
}

/** Those it is ranked among. To be told after anything of the bench or its agent has changed. */
export interface Company {
  refresh(bench: Bench): void
  forget(bench: Bench): void
}

export interface Seat {
  readonly waiting: Waiting
  /** Rises with every opening. */
  readonly order: number
}

export function canServe(bench: Bench): boolean {
  const { schedulable, draining, silent } = bench.agent
  return bench.seats.length > 0 && schedulable && !draining && !silent
}
