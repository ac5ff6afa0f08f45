import { CONNECT, WATCHING, withClient } from '../connect.ts'
import { define } from '../define.ts'
import { EXIT, usage } from '../errors.ts'
import { toggle } from '../flags.ts'
import { styleOf } from '../format.ts'
import { frameOf } from '../top/frame.ts'
import { showLive } from '../top/live.ts'
import { Watch } from '../top/watch.ts'

export const top = define({
  name: 'top',
  about:
    'Show how the server stands, live: the queue, the agents and their slots, what runs, what ended, how much and how long ' +
    'cancels took. It needs a terminal, or --once. q ends it.',
  flags: { once: toggle('--once', 'print it as text, once'), ...CONNECT },
  examples: ['drumline top', 'drumline top --once'],
  async run(context) {
    const { world, flags } = context
    if (flags.json) throw usage('top is for people; `queue info`, `agents` and `list` print JSON')
    if (!flags.once && !world.stdout.isTerminal) throw usage('top draws on a terminal; --once prints it as text')
    return withClient(
      context,
      async (client, outages) => {
        if (flags.once) {
          const watch = new Watch(
            client,
            () => {},
            () => {},
          )
          await watch.open()
          const shown = { ...watch.view(), url: flags.url, offline: undefined }
          const lines = frameOf(shown, Date.now(), styleOf(world.stdout, world.env))
          await world.stdout.write(`${lines.join('\n').trimEnd()}\n`)
        } else await showLive({ client, outages, world, url: flags.url })
        return EXIT.ok
      },
      flags.once ? {} : WATCHING,
    )
  },
})
