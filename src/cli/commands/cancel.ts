import { type Client, ENDED } from '../../client/node.ts'
import { CANCEL_REASON, type FeedData, type ResultOf } from '../../protocol/index.ts'
import { CONNECT, WATCHING, withClient } from '../connect.ts'
import { type Context, define } from '../define.ts'
import { CliError, EXIT } from '../errors.ts'
import { textOr, toggle } from '../flags.ts'
import { paintState } from '../format.ts'
import { print } from '../output.ts'

/** After its end a workflow's agent has so long to say that everything has stopped. */
const CONFIRM_MS = 120_000

const FLAGS = {
  reason: textOr('--reason <text>', 'said in the workflow and to the agent', CANCEL_REASON),
  wait: toggle('--wait', 'return only when everything has stopped'),
  ...CONNECT,
}

export const cancel = define({
  name: 'cancel',
  about: 'Cancel workflows. It is kept by the server, and holds even if their agents are away just now.',
  args: [['<id...>', 'of the workflows', 'live workflow']],
  flags: FLAGS,
  json: '{id, state}, a line for each',
  exits: [
    [EXIT.ok, 'canceled, or ended before; with --wait: everything has stopped'],
    [EXIT.refused, 'an id is not known (the others are canceled), or the server cannot be reached or refuses'],
  ],
  examples: ['drumline cancel ID --reason "wrong branch"', 'drumline cancel ID1 ID2 --wait'],
  run: (context) => withClient(context, (client) => cancelAll(client, context), context.flags.wait ? WATCHING : {}),
})

async function cancelAll(client: Client, context: Context<typeof FLAGS>): Promise<number> {
  const { args, flags } = context
  const { workflows } = await client.call('cancel', { ids: [...new Set(args)], reason: flags.reason })
  for (const workflow of workflows) {
    if (workflow.state === null) continue
    const state = flags.wait && !workflow.already ? await stopped(client, workflow.id) : workflow.state
    await say(context, { ...workflow, state })
  }
  const unknown = workflows.filter(({ state }) => state === null).map(({ id }) => id)
  if (unknown.length === 0) return EXIT.ok
  throw new CliError(EXIT.refused, 'not_found', `there is no workflow ${unknown.join(', ')}`)
}

async function say(context: Context<typeof FLAGS>, { id, state, already }: ResultOf<'cancel'>['workflows'][number]) {
  await print(context, { id, state }, (style) => {
    const shown = state === null ? '' : paintState(state, style)
    if (already) return `${id} already ${shown}\n`
    return state !== null && ENDED.has(state) ? `${id} ${shown}\n` : `${id} ${shown}, told to stop\n`
  })
}

/** Resolves when the workflow has ended and its agent has said that nothing of it runs. */
async function stopped(client: Client, id: string): Promise<ResultOf<'get'>['state']> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const late = () =>
      reject(new CliError(EXIT.refused, 'deadline', `${id} has ended, but its agent has not confirmed it`))
    const onData = (data: FeedData) => {
      if (data.kind !== 'workflow') return
      const { state, attempt, cancel: asked } = data.workflow
      if (!ENDED.has(state)) return
      if (attempt === 0 || asked === null || asked.stopped !== null) {
        clearTimeout(timer)
        resolve(state)
      } else timer ??= setTimeout(late, CONFIRM_MS)
    }
    client.subscribe(`workflow/${id}`, { onData, onEnd: reject }).catch(reject)
  })
}
