// Milliseconds from an operator's `cancel` to the AbortSignal of the running function, over two real sockets.
import { EACH, openFleet, RUNNING } from './fleet.mjs'
import { loudWork } from './logs.mjs'
import { format, quantile, spread } from './measure.mjs'
import { startAgents } from './peer-process.mjs'

const ROUNDS = 5
const BUDGET_MS = 25

export async function cancelLatency() {
  const { server, client, token, fleet, close } = await openFleet()
  console.log(`\ncancel to AbortSignal, ${RUNNING} workflows running: median of ${ROUNDS} × ${EACH} (least–most), ms`)
  await report('no logs', fleet)
  const loud = await startAgents({ ...server, token, kind: 'loud', agents: 1, capacity: 2 })
  const flood = loudWork(client, { workflows: Number.POSITIVE_INFINITY })
  await report('a flood of logs', fleet)
  flood.stop()
  await loud.stop()
  await close()
}

async function report(name, fleet) {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await fleet.round())
  const at = (q) =>
    spread(
      rounds.map((took) => quantile(took, q)),
      1,
    )
  const worst = quantile(rounds.flat(), 0.99)
  const verdict = `${format(worst / BUDGET_MS, 2)} × the budget of ${BUDGET_MS} ms`
  console.log(`  ${name.padEnd(16)} p50 ${at(0.5)}   p99 ${at(0.99)}   of all ${format(worst, 1)}: ${verdict}`)
}
