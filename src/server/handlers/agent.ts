import { type AGENT_METHODS, BusError, VERSIONS } from '../../protocol/index.ts'
import { type Handlers, seatOf } from '../context.ts'
import { force } from '../forced.ts'

/** What agents ask. Each goes to the store before anything is awaited: that is how frames keep their order. */
export const AGENT_HANDLERS: Handlers<keyof typeof AGENT_METHODS> = {
  version: async ({ core }) => ({ protocol: VERSIONS[0] ?? 1, server: core.server.version }),

  register: async (context, { agent }) => {
    const { core } = context
    const seat = seatOf(context)
    if (agent.name !== seat.name) throw new BusError('bad_request', 'an agent keeps its name; connect anew for another')
    await core.store.register(seat.by, agent)
    const view = await core.store.getAgent(seat.by.agentId)
    if (view !== null) {
      seat.labels = view.labels
      seat.capacity = view.capacity
      core.dispatcher.note(view)
    }
    return { id: seat.by.agentId, name: seat.name }
  },

  unregister: async (context) => {
    const seat = seatOf(context)
    const { core } = context
    await core.store.unregister(seat.by)
    await core.dispatcher.refresh(seat.by.agentId)
    return {}
  },

  health: async (context) => {
    await context.core.store.health(seatOf(context).by)
    return {}
  },

  next: async (context, { labels = {} }) => {
    const seat = seatOf(context)
    if (seat.waiting >= seat.capacity) {
      throw new BusError('busy', `an agent of capacity ${seat.capacity} may wait for as many workflows`)
    }
    return context.core.dispatcher.wait(seat, force(labels, context.credential.labels), context.call.signal)
  },

  decline: async (context, { lease, reason }) => {
    await context.core.store.decline(seatOf(context).by, lease, reason)
    return {}
  },

  init: async (context, { lease, state }) => {
    const { core } = context
    const { secrets, intent } = await core.store.accept(seatOf(context).by, lease, state)
    if (intent !== null) core.intents.push([intent])
    return { secrets }
  },

  update: async (context, { lease, seq, step }) => {
    await context.core.store.update(seatOf(context).by, lease, seq, step)
    return {}
  },

  extend: async (context, { leases }) => {
    const { core } = context
    const { claims, intents } = await core.store.extend(seatOf(context).by, leases)
    core.intents.push(intents)
    return { claims }
  },

  done: async (context, { lease, state, steps }) => {
    await context.core.store.finish(seatOf(context).by, lease, state, steps)
    return {}
  },
}
