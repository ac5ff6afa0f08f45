import { CLOSE, newId, type OPERATOR_METHODS } from '../../protocol/index.ts'
import { actorOf } from '../audit/index.ts'
import { type Handlers, keyFor, theirStore } from '../context.ts'
import { submitted } from './submitted.ts'

/** What people and scripts do. */
export const OPERATOR_HANDLERS: Handlers<keyof typeof OPERATOR_METHODS> = {
  submit: async (context, params) => {
    const { core, scope } = context
    const workflows = params.workflows.map((spec) => ({ id: newId(), spec: submitted(spec, core.timings, scope) }))
    return theirStore(context).submit(workflows, params.secrets, keyFor(context, 'submit', params), scope)
  },

  cancel: async (context, params) => {
    const { core } = context
    const { workflows, intents } = await theirStore(context).requestCancel(
      params.ids,
      params.reason,
      keyFor(context, 'cancel', params),
      context.scope,
    )
    core.intents.push(intents)
    const unknown = workflows.flatMap(({ id, state }) => (state === null ? [id] : []))
    if (unknown.length > 0)
      core.refusals.note(actorOf(context), { action: 'cancel', subjects: unknown, outcome: 'not_found' })
    return { workflows }
  },

  requeue: async (context, params) => {
    const { core } = context
    const key = keyFor(context, 'requeue', params)
    const { workflow, intents } = await theirStore(context).requeue(params.id, key, context.scope)
    core.intents.push(intents)
    return workflow
  },

  'agent.set': async (context, { id, schedulable, drain }) => {
    const { core } = context
    const set = { ...(schedulable === undefined ? {} : { schedulable }), ...(drain === undefined ? {} : { drain }) }
    await theirStore(context).setAgent(id, set, context.scope)
    // Before the answer: or the queue would still propose the agent, be refused, and let it rest for nothing.
    await core.dispatcher.refresh(id)
    if (drain !== undefined) core.leavers.set(id, drain)
    return {}
  },

  'agent.remove': async (context, { id }) => {
    const { core } = context
    const intents = await theirStore(context).removeAgent(id, context.scope)
    core.intents.push(intents)
    core.leavers.set(id, false)
    core.ends.of(id)?.dismiss(CLOSE.agentDeleted, 'this agent was removed')
    return {}
  },

  'server.drain': async (context) => {
    const { core } = context
    // Not waited for: a server whose disk is full can be drained too.
    const deed = { action: 'server.drain', subjects: [], outcome: 'ok' }
    core.owed.add('noting a drain', core.store.note(actorOf(context), deed))
    core.drain()
    return {}
  },

  'queue.pause': async (context) => {
    const { core } = context
    await theirStore(context).setPaused(true)
    core.dispatcher.setPaused(true)
    return {}
  },

  'queue.resume': async (context) => {
    const { core } = context
    await theirStore(context).setPaused(false)
    core.dispatcher.setPaused(false)
    return {}
  },
}
