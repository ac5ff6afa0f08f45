// Submits a workflow and waits for its outcome; the exit code says which:
//   DRUMLINE_TOKEN=drl_… node --experimental-strip-types examples/submit-and-wait.ts http://127.0.0.1:7800
import { dialClient, untilEnded } from 'drumline/client'
import { workflowSpec } from 'drumline/protocol'

const [url = 'http://127.0.0.1:7800'] = process.argv.slice(2)
const client = await dialClient({ url, token: process.env.DRUMLINE_TOKEN ?? '' })

const build = workflowSpec({
  name: 'build',
  labels: { lang: 'ts' },
  steps: [
    { name: 'compile', commands: ['make'] },
    { name: 'test', commands: ['make test'], timeoutMs: 600_000 },
  ],
})
const { workflows } = await client.call('submit', { workflows: [build], secrets: {} })

for (const { id, name } of workflows) {
  const { state, agent, steps } = await untilEnded(client, id)
  console.log(`${name}: ${state} on ${agent}`)
  for (const step of steps) console.log(`  ${step.name}: ${step.state}`)
  if (state !== 'success') process.exitCode = 1
}
client.close()
