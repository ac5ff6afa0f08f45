// An agent's backend with one step, as another user if one is named, to be killed: prints what the step prints on stdout.
import { isolate, localBackend } from '../../dist/agent/index.js'

const [root, command, user] = process.argv.slice(2)
const spec = { id: 's1', name: 'a', commands: [command] }
const step = { spec, start() {}, write: (kind, text) => kind === 'out' && process.stdout.write(text), end() {} }
const workflow = { name: 'build', environment: {}, graceMs: 5_000, steps: [spec] }
const apart = user === undefined ? {} : { isolation: await isolate({ capacity: 1, root, runAs: [user] }) }
await localBackend({ baseEnv: process.env, root, ...apart })({
  offer: { workflowId: 'wf-1', attempt: 1, workflow },
  secrets: {},
  signal: new AbortController().signal,
  steps: [step],
  leaves() {},
})
