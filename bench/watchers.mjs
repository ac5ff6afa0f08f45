// What those who watch cost an agent: milliseconds from `cancel` to its AbortSignal with 200 of them, beside the same without.
import { EACH, openFleet, RUNNING } from './fleet.mjs'
import { format, median, quantile, spread } from './measure.mjs'
import { startWatchers } from './peer-process.mjs'

const ROUNDS = 5
const WATCHERS = 200

export async function watchersCost() {
  const { server, client, fleet, close } = await openFleet()
  const { token } = await client.call('token.create', { role: 'viewer' })
  const crowd = await startWatchers({ ...server, token, watchers: WATCHERS })
  const [alone, watched, events] = [[], [], []]
  await fleet.fill()
  // In turns, so that what else the machine does falls on both.
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await fleet.round())
    await crowd.ask('watch')
    watched.push(await fleet.round())
    events.push((await crowd.ask('rest')).events / WATCHERS)
  }
  console.log(`\ncancel to AbortSignal, ${RUNNING} workflows running: median of ${ROUNDS} × ${EACH} (least–most), ms`)
  report('nobody watches', alone)
  report(`${WATCHERS} watch`, watched)
  const ratio = (q) => format(median(at(watched, q)) / median(at(alone, q)), 2)
  console.log(`  ratio p50 ${ratio(0.5)}, p99 ${ratio(0.99)}; each was told ${spread(events)} changes a round`)
  await crowd.stop()
  await close()
}

const at = (rounds, q) => rounds.map((took) => quantile(took, q))

function report(name, rounds) {
  console.log(`  ${name.padEnd(16)} p50 ${spread(at(rounds, 0.5), 1)}   p99 ${spread(at(rounds, 0.99), 1)}`)
}
