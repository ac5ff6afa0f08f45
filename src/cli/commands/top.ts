import type { Client } from '../../client/node.ts'
import { toPlain, toShown } from '../../protocol/index.ts'
import { CONNECT, WATCHING, withClient } from '../connect.ts'
import { type Context, define } from '../define.ts'
import { EXIT, usage } from '../errors.ts'
import { toggle } from '../flags.ts'
import { print } from '../output.ts'
import { frameOf } from '../top/frame.ts'
import { showLive } from '../top/live.ts'
import { Watch } from '../top/watch.ts'

const FLAGS = { once: toggle('--once', 'print it as text, once; needs no terminal'), ...CONNECT }

export const top = define({
  name: 'top',
  about:
    'Show how the server stands, live in the terminal: the queue, the agents and their slots, what runs, what ended, how much ' +
    'and how long cancels took. p pauses the queue, j, k and c choose and cancel a running workflow, each after a question; ? tells ' +
    'the keys, q ends it.',
  flags: FLAGS,
  json: '{queue, agents, running, ended, trend}, once',
  examples: ['drumline top', 'drumline top --once'],
  async run(context) {
    const { world, flags } = context
    const once = flags.once || flags.json
    const able = world.stdout.isTerminal && world.env.TERM !== 'dumb'
    if (!once && !able) throw usage('top draws on a terminal that can move its cursor; --once prints it as text')
    return withClient(
      context,
      async (client, outages) => {
        if (once) await showOnce(context, client)
        else await showLive({ client, outages, world, url: flags.url })
        return EXIT.ok
      },
      once ? {} : WATCHING,
    )
  },
})

async function showOnce(context: Context<typeof FLAGS>, client: Client): Promise<void> {
  // What comes later is not shown any more.
  const watch = new Watch(client, { changed() {}, broken() {} })
  await watch.open()
  const view = watch.view()
  const { queue, agents, running, ended, points } = view
  const value = {
    queue: queue && toShown(queue),
    agents: agents.map(toShown),
    running: running.map(toShown),
    ended: ended.map(toShown),
    trend: points && toPlain(points),
  }
  await print(context, value, (style) => {
    const lines = frameOf(
      { ...view, url: context.flags.url, offline: undefined, chosen: undefined, foot: [] },
      Date.now(),
      style,
    )
    return `${lines.join('\n').trimEnd()}\n`
  })
}
