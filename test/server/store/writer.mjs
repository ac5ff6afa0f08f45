// Submits workflows until it is killed, many at a time, and says the id of each that was acknowledged.
import { systemClock, workflowSpec } from '../../../dist/protocol/index.js'
import { openSqlite } from '../../../dist/server/store/sqlite/index.js'

const spec = workflowSpec({ name: 'a', steps: [{ name: 'build', commands: ['make'] }] })

const store = await openSqlite(process.argv[2], { clock: systemClock, leaseMs: 300_000, testTimings: false })

async function write(lane) {
  for (let count = 0; ; count++) {
    const id = `${lane}-${count}`
    await store.submit([{ id, spec }], {})
    process.send(id)
  }
}

await Promise.all(Array.from({ length: 16 }, (_, lane) => write(lane)))
