// npm run bench [round-trips|cancel|watchers|logs|dispatch|idle|page]: what a change costs, as ratios beside the peer in one run.
import { cpus, loadavg } from 'node:os'
import { cancelLatency } from './cancel.mjs'
import { dispatch } from './dispatch.mjs'
import { idleMemory } from './idle.mjs'
import { logRate } from './logs.mjs'
import { pageSpeed } from './page.mjs'
import { roundTrips } from './round-trips.mjs'
import { watchersCost } from './watchers.mjs'

const BENCHES = {
  'round-trips': roundTrips,
  cancel: cancelLatency,
  watchers: watchersCost,
  logs: logRate,
  dispatch,
  idle: idleMemory,
  page: pageSpeed,
}
const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !(name in BENCHES))
if (unknown) {
  console.error(`no bench "${unknown}"; there are ${Object.keys(BENCHES).join(', ')}`)
  process.exit(2)
}
const load = loadavg()[0]?.toFixed(1)
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, load ${load}`)
for (const [name, bench] of Object.entries(BENCHES)) if (!wanted.length || wanted.includes(name)) await bench()
