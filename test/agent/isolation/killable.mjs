// An agent's backend that runs a step as another user, to be killed: prints what the step prints on stdout.
import { isolate, localBackend } from '../../../dist/agent/index.js'

const [root, user] = process.argv.slice(2)
// One that nothing tells from others but its user.
const commands = ['setsid env -i sleep 600 & pwd; wait']
const spec = { id: 's1', name: 'a', commands }
const step = { spec, start() {}, write: (kind, text) => kind === 'out' && process.stdout.write(text), end() {} }
const workflow = { name: 'build', environment: {}, graceMs: 5_000, steps: [spec] }
const isolation = await isolate({ capacity: 1, root, runAs: [user] })
await localBackend({ baseEnv: process.env, isolation })({
  offer: { workflowId: 'wf-1', attempt: 1, workflow },
  secrets: {},
  signal: new AbortController().signal,
  steps: [step],
  leaves() {},
})
