// Agents in a process of their own. `idle` work waits for its cancel and says when that came; `loud` work writes lines.
import { setImmediate as pause, setTimeout as sleep } from 'node:timers/promises'
import { runAgent } from '../../dist/agent/index.js'

const [url, token, kind, agents, capacity] = process.argv.slice(2)
/** 160 lines of 100 bytes: what one read of a pipe brings. */
const BURST = `${'.'.repeat(99)}\n`.repeat(160)

function idle({ offer, signal }) {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      // The system's monotonic clock is the same in every process.
      process.send({ id: offer.workflowId, at: Number(process.hrtime.bigint()) / 1e6 })
      resolve()
    })
  })
}

async function loud({ offer, steps, signal }) {
  const [step] = steps
  step.start()
  const { LINES, PAUSE_MS, LAST } = offer.workflow.environment
  const bursts = Number(LINES) / 160
  for (let burst = 0; burst < bursts && !signal.aborted; burst++) {
    step.write('out', BURST)
    if (burst % 8 === 0) await (PAUSE_MS === undefined ? pause() : sleep(Number(PAUSE_MS)))
  }
  if (LAST !== undefined) step.write('out', `${LAST}\n`)
  step.end({ state: 'success' })
}

for (let number = 1; number <= Number(agents); number++) {
  runAgent({
    url,
    token,
    agent: { name: `${kind}-${number}`, capacity: Number(capacity), labels: { kind } },
    run: kind === 'idle' ? idle : loud,
  })
}
process.send({})
process.on('disconnect', () => process.exit())
