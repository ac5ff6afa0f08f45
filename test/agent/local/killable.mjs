// An agent's backend with one step, to be killed: prints what the step prints on stdout.
import { localBackend } from '../../../dist/agent/index.js'

const [root, command] = process.argv.slice(2)
const spec = { id: 's1', name: 'a', commands: [command] }
const step = {
  spec,
  start() {},
  write: (kind, text) => kind === 'out' && process.stdout.write(text),
  end: (end) => process.stdout.write(JSON.stringify(end)),
}
const workflow = { name: 'build', environment: {}, graceMs: 5_000, steps: [spec] }
await localBackend({ baseEnv: process.env, root })({
  offer: { workflowId: 'wf-1', attempt: 1, workflow },
  secrets: {},
  signal: new AbortController().signal,
  steps: [step],
  leaves() {},
})
