import { CLOSE, newId, type OPERATOR_METHODS } from '../../protocol/index.ts'
import { type Handlers, keyFor } from '../context.ts'
import { submitted } from './submitted.ts'

/** What people and scripts do. */
export const OPERATOR_HANDLERS: Handlers<keyof typeof OPERATOR_METHODS> = {
  submit: async (context, params) => {
    const { core } = context
    const workflows = params.workflows.map((spec) => ({ id: newId(), spec: submitted(spec, core.timings) }))
    return core.store.submit(workflows, params.secrets, keyFor(context, 'submit', params))
  },

  cancel: async (context, params) => {
    const { core } = context
    const { workflows, intents } = await core.store.requestCancel(
      params.ids,
      params.reason,
      keyFor(context, 'cancel', params),
    )
    core.intents.push(intents)
    return { workflows }
  },

  requeue: async (context, params) => {
    const { core } = context
    const { workflow, intents } = await core.store.requeue(params.id, keyFor(context, 'requeue', params))
    core.intents.push(intents)
    return workflow
  },

  'agent.set': async ({ core }, { id, schedulable, drain }) => {
    const set = { ...(schedulable === undefined ? {} : { schedulable }), ...(drain === undefined ? {} : { drain }) }
    await core.store.setAgent(id, set)
    // Before the answer: or the queue would still propose the agent, be refused, and let it rest for nothing.
    await core.dispatcher.refresh(id)
    if (drain !== undefined) core.leavers.set(id, drain)
    return {}
  },

  'agent.remove': async ({ core }, { id }) => {
    const intents = await core.store.removeAgent(id)
    core.intents.push(intents)
    core.leavers.set(id, false)
    core.ends.of(id)?.dismiss(CLOSE.agentDeleted, 'this agent was removed')
    return {}
  },

  'server.drain': async ({ core }) => {
    core.drain()
    return {}
  },

  'queue.pause': async ({ core }) => {
    await core.store.setPaused(true)
    core.dispatcher.setPaused(true)
    return {}
  },

  'queue.resume': async ({ core }) => {
    await core.store.setPaused(false)
    core.dispatcher.setPaused(false)
    return {}
  },
}
