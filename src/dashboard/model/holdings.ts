import { ENDED } from '../../client/index.ts'
import { type AgentView, SHAPE, type WorkflowStateName, type WorkflowView } from '../../protocol/index.ts'
import type { Bus } from './bus.ts'
import { Complete } from './complete.ts'
import { Rows } from './rows.ts'

/** So many of those that have ended. */
const ENDS = 50
const AT_WORK: readonly WorkflowStateName[] = ['running', 'offered']

/** All agents, by name. */
export function allAgents(bus: Bus): Complete<AgentView> {
  return new Complete({
    bus,
    rows: new Rows<AgentView>({ order: (a, b) => collator.compare(a.name, b.name) }),
    read: async (before) => {
      const { agents, next } = await bus.call('agents', {
        limit: SHAPE.pageMax,
        ...(before !== undefined && { before }),
      })
      return { rows: agents, next }
    },
  })
}

/** All that agents have, the longest running first: so those that stay long keep their places. */
export function allRunning(bus: Bus): Complete<WorkflowView> {
  return new Complete({
    bus,
    rows: new Rows<WorkflowView>({ order: (a, b) => begun(a) - begun(b) || (a.id < b.id ? -1 : 1) }),
    holds: ({ state }) => AT_WORK.includes(state),
    read: async (before) => {
      const state = [...AT_WORK]
      const limit = SHAPE.pageMax
      const { workflows, next } = await bus.call('list', { state, limit, ...(before !== undefined && { before }) })
      return { rows: workflows, next }
    },
  })
}

/** The last that ended, the latest first. What ended before the page was opened is known of the newest only. */
export function lastEnds(bus: Bus): Complete<WorkflowView> {
  return new Complete({
    bus,
    rows: new Rows<WorkflowView>({ order: (a, b) => ended(b) - ended(a) || (a.id < b.id ? 1 : -1), most: ENDS }),
    holds: ({ state }) => ENDED.has(state),
    read: async () => {
      const { workflows } = await bus.call('list', { state: [...ENDED], limit: ENDS })
      return { rows: workflows, next: null }
    },
  })
}

/** `build-2` stands before `build-10`. */
const collator = new Intl.Collator('en', { numeric: true })

function begun({ started }: WorkflowView): number {
  return started?.getTime() ?? Number.POSITIVE_INFINITY
}

function ended({ finished }: WorkflowView): number {
  return finished?.getTime() ?? 0
}
