// Lines of 100 bytes per second, from a function in an agent to the server's disk and on to one subscriber.
import { readFileSync } from 'node:fs'
import { dialClient, followLogs } from '../dist/client/node.js'
import { format, median, spread } from './measure.mjs'
import { startAgents, startPeer } from './peer-process.mjs'
import { workflow } from './workflow.mjs'

const ROUNDS = 5
/** Of a workflow; they fit into what an agent keeps in memory. */
const LINES = 80_000
const WORKFLOWS = 10
const AIM = 400_000

/** Keeps two loud workflows under way until so many have ended, each followed; `done` resolves with their lines. */
export function loudWork(client, { workflows }) {
  let [left, stopped] = [workflows, false]
  const lane = async () => {
    let lines = 0
    while (left-- > 0 && !stopped) {
      const spec = workflow({ labels: { kind: 'loud' }, environment: { LINES: String(LINES) } })
      const [{ id }] = (await client.call('submit', { workflows: [spec], secrets: {} })).workflows
      for await (const { part } of followLogs(client, id)) lines += part.kind === 'lines' ? part.to - part.from + 1 : 0
    }
    return lines
  }
  const done = Promise.all([lane(), lane()]).then(([one, two]) => one + two)
  // Whoever only wants the noise does not wait for it, and ends its connection.
  done.catch(() => {})
  return { done, stop: () => (stopped = true) }
}

/** Resident memory of a process in MiB. */
function resident({ pid }) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/** Seconds of CPU that a process has used, all its threads together. */
function cpuOf({ pid }) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

export async function logRate() {
  const server = await startPeer('drumline')
  const client = await dialClient(server)
  const { token } = await client.call('token.create', { role: 'agent' })
  const loud = await startAgents({ ...server, token, kind: 'loud', agents: 1, capacity: 2 })
  await loudWork(client, { workflows: 2 }).done
  const parts = { agent: loud.child, server: server.child, subscriber: process }
  const used = () => Object.values(parts).map(cpuOf)
  const [before, cpu, rates, weights] = [resident(server.child), used(), [], []]
  const scale = setInterval(() => weights.push(resident(server.child)), 50)
  for (let round = 0; round < ROUNDS; round++) rates.push(await rateOf(client))
  clearInterval(scale)
  const lines = ROUNDS * WORKFLOWS * LINES
  const each = used().map((seconds, at) => ((seconds - cpu[at]) / lines) * 1e6)
  console.log(`\nlines of 100 bytes per second, agent to disk to one subscriber: median of ${ROUNDS} (least–most)`)
  console.log(`  ${spread(rates)}   ${format(median(rates) / AIM, 2)} × the aim of ${format(AIM)}`)
  const words = Object.keys(parts).map((name, at) => `${name} ${format(each[at], 2)}`)
  console.log(`  CPU µs a line, however busy the machine: ${words.join(', ')}`)
  console.log(`  the server grew by ${format(Math.max(...weights) - before)} MiB at most over ${format(lines)} lines`)
  await loud.stop()
  await client.close()
  await server.stop()
}

async function rateOf(client) {
  const start = performance.now()
  const lines = await loudWork(client, { workflows: WORKFLOWS }).done
  if (lines !== WORKFLOWS * LINES) throw new Error(`${lines} lines arrived of ${WORKFLOWS * LINES}`)
  return (lines / (performance.now() - start)) * 1000
}
