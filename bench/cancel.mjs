// Milliseconds from an operator's `cancel` to the AbortSignal of the running function, over two real sockets.
import { dialClient } from '../dist/client/node.js'
import { loudWork } from './logs.mjs'
import { format, quantile, spread } from './measure.mjs'
import { startAgents, startPeer } from './peer-process.mjs'
import { workflow } from './workflow.mjs'

const ROUNDS = 5
const EACH = 100
const AGENTS = 8
const RUNNING = 1_000
const BUDGET_MS = 25

const idleWork = () => workflow({ labels: { kind: 'idle' } })

/** A thousand workflows run; those that are cancelled are replaced. */
class Fleet {
  #client
  #running = []
  #waiting = new Map()

  constructor(client, child) {
    this.#client = client
    child.on('message', ({ id, at }) => this.#waiting.get(id)?.(at))
  }

  async fill() {
    while (this.#running.length < RUNNING) {
      const workflows = Array.from({ length: Math.min(100, RUNNING - this.#running.length) }, idleWork)
      const answer = await this.#client.call('submit', { workflows, secrets: {} })
      this.#running.push(...answer.workflows.map(({ id }) => id))
    }
    for (;;) {
      const { workflows } = await this.#client.call('list', { state: ['pending', 'offered'], labels: { kind: 'idle' } })
      if (workflows.length === 0) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async cancel() {
    const id = this.#running.shift()
    const stopped = new Promise((resolve) => this.#waiting.set(id, resolve))
    const asked = Number(process.hrtime.bigint()) / 1e6
    await this.#client.call('cancel', { ids: [id], reason: 'bench' })
    return (await stopped) - asked
  }

  async round() {
    await this.fill()
    const took = []
    for (let n = 0; n < EACH; n++) took.push(await this.cancel())
    return took
  }
}

export async function cancelLatency() {
  const server = await startPeer('drumline')
  const client = await dialClient(server)
  const { token } = await client.call('token.create', { role: 'agent' })
  const idle = await startAgents({ ...server, token, kind: 'idle', agents: AGENTS, capacity: RUNNING / AGENTS })
  const fleet = new Fleet(client, idle.child)
  console.log(`\ncancel to AbortSignal, ${RUNNING} workflows running: median of ${ROUNDS} × ${EACH} (least–most), ms`)
  await report('no logs', fleet)
  const loud = await startAgents({ ...server, token, kind: 'loud', agents: 1, capacity: 2 })
  const flood = loudWork(client, { workflows: Number.POSITIVE_INFINITY })
  await report('a flood of logs', fleet)
  flood.stop()
  for (const agents of [loud, idle]) await agents.stop()
  await client.close()
  await server.stop()
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
