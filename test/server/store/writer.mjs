// Submits workflows until it is killed, many at a time, and says the id of each that was acknowledged.
import { systemClock } from '../../../dist/protocol/index.js'
import { openSqlite } from '../../../dist/server/store/sqlite/index.js'

const spec = {
  name: 'a',
  labels: {},
  environment: {},
  priority: 0,
  timeoutMs: 60_000,
  graceMs: 1_000,
  onOutage: 'stop',
  maxAttempts: 3,
  dependsOn: [],
  runsOn: [],
  secrets: [],
  steps: [{ id: 's1', name: 'build', commands: ['make'] }],
}

const store = await openSqlite(process.argv[2], { clock: systemClock, leaseMs: 300_000, testTimings: false })

async function write(lane) {
  for (let count = 0; ; count++) {
    const id = `${lane}-${count}`
    await store.submit([{ id, spec }], {})
    process.send(id)
  }
}

await Promise.all(Array.from({ length: 16 }, (_, lane) => write(lane)))
