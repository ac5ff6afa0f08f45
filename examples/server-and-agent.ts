// A server and an agent with work of its own, all in one process:
//   node --experimental-strip-types examples/server-and-agent.ts
import { runAgent } from 'drumline/agent'
import { dialClient, untilEnded } from 'drumline/client'
import { workflowSpec } from 'drumline/protocol'
import { startServer } from 'drumline/server'

const server = await startServer({ data: './drumline-data', port: 0 })
const { url } = server

const agent = runAgent({
  url,
  token: (await server.createToken({ role: 'agent' })).token,
  agent: { name: 'in-process' },
  run: async (job) => {
    await job.step('greet').run((log) => log(`hello from attempt ${job.offer.attempt}`))
  },
})

const { token } = await server.createToken({ role: 'operator' })
const client = await dialClient({ url, token })
const hello = workflowSpec({ name: 'hello', steps: [{ name: 'greet' }] })
const { workflows } = await client.call('submit', { workflows: [hello], secrets: {} })
for (const { id, name } of workflows) console.log(`${name}: ${(await untilEnded(client, id)).state}`)

client.close()
await agent.drain()
await server.close()
