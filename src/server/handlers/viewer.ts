import {
  type AgentView,
  BusError,
  definedOnly,
  type ResultOf,
  SHAPE,
  type VIEWER_METHODS,
} from '../../protocol/index.ts'
import { actorOf } from '../audit/index.ts'
import type { Context, Handlers } from '../context.ts'
import { fitting } from '../fitting.ts'
import { workflowOf } from '../workflow-of.ts'

/** Agents that `explain` looks at, and reasons it gives: more than that nobody reads. */
const EXPLAINED = 1000
const REASONS = 200

/** What anybody may read. Lists and logs are cut to what one message holds. */
export const VIEWER_HANDLERS: Handlers<keyof typeof VIEWER_METHODS> = {
  get: ({ core, scope }, { id }) => workflowOf(core.store, id, scope),

  list: ({ core, scope, call }, { limit = SHAPE.page, ...given }) => {
    const read = (): Promise<ResultOf<'list'>> =>
      fitting('list', limit, (fewer) => core.store.list({ ...definedOnly(given), limit: fewer, scope }))
    return given.text === undefined ? read() : core.searches.run(call, read)
  },

  logs: ({ core, scope }, { bytes = SHAPE.logPageBytes, ...given }) =>
    fitting('logs', bytes, (fewer) => core.store.readLogs({ ...definedOnly(given), bytes: fewer, scope })),

  'logs.search': ({ core, scope, call }, { sensitive = false, back = false, ...given }) =>
    core.searches.run(call, () => core.store.searchLogs({ ...definedOnly(given), sensitive, back, scope })),

  agents: ({ core, scope }, { limit = SHAPE.page, before }) =>
    fitting('agents', limit, (fewer) =>
      core.store.listAgents({ limit: fewer, scope, ...(before === undefined ? {} : { before }) }),
    ),

  explain: async (context, { id }) => {
    const { core, scope } = context
    const workflow = await workflowOf(core.store, id, scope)
    const agents = await allAgents(context)
    return { reasons: core.dispatcher.explain(workflow, agents, scope).slice(0, REASONS) }
  },

  'queue.info': ({ core, scope }) => core.store.queueInfo(scope),

  subscribe: async ({ subscriptions, scope }, ask) => {
    if (subscriptions === null) throw new BusError('forbidden', 'there is nowhere to send events to')
    return subscriptions.subscribe(ask, scope)
  },

  unsubscribe: async ({ subscriptions }, { subscription }) => {
    subscriptions?.unsubscribe(subscription)
    return {}
  },

  // A key that is remembered would keep the secret: a repeat makes a second code instead.
  'login.code': (context) => {
    const { core, credential, fromPage } = context
    // A cookie that was stolen would live for ever.
    if (fromPage)
      throw new BusError('forbidden', 'a page logs in anew with a token, or with a code of `drumline login`')
    return core.logins.code(credential.id, actorOf(context))
  },
}

/** Those of any scope: who shares them is told of them, without a name. */
async function allAgents({ core }: Context): Promise<AgentView[]> {
  const agents: AgentView[] = []
  for (let before: string | undefined; agents.length < EXPLAINED; ) {
    const page = await core.store.listAgents({ limit: SHAPE.pageMax, ...(before === undefined ? {} : { before }) })
    agents.push(...page.agents)
    if (page.next === null) break
    before = page.next
  }
  return agents
}
