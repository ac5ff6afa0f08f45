// Who watches, in a process of their own: each has a socket, and follows everything while it is told to.
import { dialClient } from '../../dist/client/node.js'

const [url, token, watchers] = process.argv.slice(2)
const clients = []
for (let number = 1; number <= Number(watchers); number++) clients.push(await dialClient({ url, token }))
let subscriptions = []
let events = 0

const TASKS = {
  async watch() {
    const onData = () => events++
    const topics = ['workflows', 'agents', 'queue']
    subscriptions = await Promise.all(
      clients.flatMap((client) => topics.map((topic) => client.subscribe(topic, { onData }))),
    )
    events = 0
  },
  async rest() {
    for (const subscription of subscriptions) subscription.close()
  },
}

process.on('message', async (task) => {
  await TASKS[task]()
  process.send({ events })
})
process.send({})
process.on('disconnect', () => process.exit())
