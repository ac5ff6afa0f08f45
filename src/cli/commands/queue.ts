import { toShown } from '../../protocol/index.ts'
import { CONNECT, withClient } from '../connect.ts'
import { define, group } from '../define.ts'
import { EXIT } from '../errors.ts'
import { print } from '../output.ts'

const info = define({
  name: 'queue info',
  about: 'Show how much waits and runs, and whether the queue is paused.',
  flags: CONNECT,
  json: '{pending, waiting, offered, running, agents, paused}',
  examples: ['drumline queue info', 'drumline queue info --json | jq .pending'],
  async run(context) {
    const queue = toShown(await withClient(context, (client) => client.call('queue.info', {})))
    await print(context, queue, () => {
      const rows = Object.entries(queue).map(([key, value]) => `${`${key}:`.padEnd(9)} ${value}`)
      return `${rows.join('\n')}\n`
    })
    return EXIT.ok
  },
})

const pause = change('pause', 'Stop handing out work, and nothing else: what runs goes on.', true)
const resume = change('resume', 'Hand out work again.', false)

function change(verb: 'pause' | 'resume', about: string, paused: boolean) {
  return define({
    name: `queue ${verb}`,
    about,
    flags: CONNECT,
    json: '{paused}',
    examples: [`drumline queue ${verb}`],
    async run(context) {
      await withClient(context, (client) => client.call(`queue.${verb}`, {}))
      await print(context, { paused }, () => `the queue ${paused ? 'is paused; what runs goes on' : 'goes on'}\n`)
      return EXIT.ok
    },
  })
}

export const queue = group('queue', 'Look at the queue, pause it, resume it.', [info, pause, resume])
