// A dashboard of one line: what runs, what waits, who is there. It keeps itself up to date until Ctrl-C:
//   DRUMLINE_TOKEN=drl_… node --experimental-strip-types examples/watch-queue.ts http://127.0.0.1:7800
import { dialClient } from 'drumline/client'
import type { AgentView, QueueView } from 'drumline/protocol'

const [url = 'http://127.0.0.1:7800'] = process.argv.slice(2)
const onOutage = (why: string | undefined) => console.log(why ?? 'the server is back')
const client = await dialClient({ url, token: process.env.DRUMLINE_TOKEN ?? '', giveUpMs: Infinity, onOutage })

const agents = new Map<string, AgentView>()
let queue: QueueView | undefined

await client.subscribe('agents', {
  onSnapshot: () => agents.clear(),
  onData(data) {
    if (data.kind === 'agent') agents.set(data.agent.id, data.agent)
    if (data.kind === 'removed') agents.delete(data.id)
    draw()
  },
})
await client.subscribe('queue', { onData: (data) => data.kind === 'queue' && draw(data.queue) })
process.once('SIGINT', () => client.close())

function draw(now = queue) {
  queue = now
  const names = [...agents.values()].map(({ name, state }) => `${name} ${state}`)
  console.log(`${now?.running ?? 0} running, ${now?.pending ?? 0} pending; ${names.join(', ')}`)
}
