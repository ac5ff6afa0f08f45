// What handing out one workflow costs with 10⁶ pending beside 10³: the queue's index alone, without store and socket.
import { QueueIndex } from '../dist/server/queue/index.js'
import { median } from './measure.mjs'

const AGENTS = 100
const LABEL_SETS = 20
const ROUNDS = 31
const CYCLES = 2_000
const BUDGET = 1.3

const clock = { now: () => Date.now(), monotonic: () => performance.now(), after: () => () => {} }

/** A queue that keeps its length: each cycle hands out one, ends it, and adds one. */
class Fleet {
  #index = new QueueIndex({ clock })
  #made = 0
  #opened = 0

  constructor(pending) {
    for (let i = 0; i < pending; i++) this.#submit()
    for (let i = 0; i < AGENTS; i++) this.#open(`agent-${i}`)
  }

  cycle() {
    const pair = this.#index.match()
    const change = this.#change(pair.workflowId, 'offered', 2)
    this.#index.apply(change)
    this.#index.taken(pair.workflowId)
    this.#index.apply({ ...change, state: 'running', version: 3 })
    this.#index.apply({ ...change, state: 'success', version: 4, lane: null, lease: null })
    this.#submit()
    this.#open(pair.waiting.agentId)
  }

  #submit() {
    this.#index.apply(this.#change(`workflow-${++this.#made}`, 'pending', 1))
  }

  #change(id, state, version) {
    const order = Number(id.slice('workflow-'.length))
    const labels = { os: 'linux', kind: `k${order % LABEL_SETS}` }
    const lane = { labels, group: null, limit: 1, priority: order % 3, order, notBefore: 0 }
    return { kind: 'workflow', id, version, state, lane, lease: state === 'pending' ? null : `lease-${order}` }
  }

  #open(agentId) {
    const labels = { hostname: agentId, os: 'linux', kind: '*' }
    this.#index.open({ id: `next-${++this.#opened}`, agentId, connection: 1, labels, openedAt: 0 })
  }
}

/** Microseconds of CPU a cycle. */
function round(fleet) {
  const before = process.cpuUsage()
  for (let i = 0; i < CYCLES; i++) fleet.cycle()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / CYCLES
}

export async function dispatch() {
  const fleets = [new Fleet(1_000), new Fleet(1_000_000)]
  for (const fleet of fleets) for (let i = 0; i < 5; i++) round(fleet)
  const times = fleets.map(() => [])
  for (let i = 0; i < ROUNDS; i++) for (const [at, fleet] of fleets.entries()) times[at].push(round(fleet))
  const [few, many] = times.map(median)
  const ratio = many / few
  console.log(
    `dispatch  10³ pending: ${few.toFixed(2)} µs   10⁶ pending: ${many.toFixed(2)} µs a workflow, from submit to end`,
  )
  console.log(`          ${ratio.toFixed(2)} × (budget ${BUDGET} ×)`)
}
