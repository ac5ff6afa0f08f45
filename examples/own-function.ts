// Runs a function of your own as the work of a workflow:
//   DRUMLINE_TOKEN=drl_… node --experimental-strip-types examples/own-function.ts http://127.0.0.1:7800
import { runAgent } from 'drumline/agent'

const [url = 'http://127.0.0.1:7800'] = process.argv.slice(2)

const agent = runAgent({
  url,
  token: process.env.DRUMLINE_TOKEN ?? '',
  agent: { name: 'counter', capacity: 2, labels: { lang: 'ts' } },
  async run({ steps, signal }) {
    for (const step of steps) {
      const ok = await step.run((log) => {
        signal.throwIfAborted()
        log(`${step.spec.commands.length} commands, counted in TypeScript`)
      })
      if (!ok) return
    }
  },
})

process.once('SIGTERM', () => agent.drain())
await agent.finished
