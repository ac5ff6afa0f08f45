// Milliseconds from an operator's `cancel` to the AbortSignal of the running function, over two real sockets.
import { runAgent } from '../dist/agent/index.js'
import { dialClient } from '../dist/client/node.js'
import { format, quantile } from './measure.mjs'
import { startPeer } from './peer-process.mjs'
import { workflow } from './round-trips.mjs'

const TIMES = 100

export async function cancelLatency() {
  const server = await startPeer('drumline')
  const client = await dialClient(server)
  const { token } = await client.call('token.create', { role: 'agent' })
  let started
  const agent = runAgent({
    url: server.url,
    token,
    agent: { name: 'bench', capacity: 1 },
    run: ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          started.stopped(performance.now())
          resolve()
        })
        started.running()
      }),
  })
  const took = []
  for (let n = 0; n < TIMES; n++) {
    started = promises()
    const { workflows } = await client.call('submit', { workflows: [workflow()], secrets: {} })
    await started.isRunning
    const asked = performance.now()
    await client.call('cancel', { ids: [workflows[0].id], reason: 'bench' })
    took.push((await started.isStopped) - asked)
  }
  const at = (q) => `${format(quantile(took, q), 1)} ms`
  console.log(`\ncancel to AbortSignal, ${TIMES} times: p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}`)
  await agent.stop()
  await client.close()
  await server.stop()
}

function promises() {
  const one = {}
  one.isRunning = new Promise((resolve) => (one.running = resolve))
  one.isStopped = new Promise((resolve) => (one.stopped = resolve))
  return one
}
