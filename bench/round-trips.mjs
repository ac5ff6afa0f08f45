// `update` round trips on one connection, beside a bare ws echo of the same messages in the same run.
import { WebSocket } from 'ws'
import { dialClient } from '../dist/client/node.js'
import { Channel, systemClock } from '../dist/protocol/index.js'
import { dial } from '../dist/socket/index.js'
import { wsPort } from '../dist/socket/port.js'
import { format, median, rate, spread } from './measure.mjs'
import { startPeer } from './peer-process.mjs'
import { workflow } from './workflow.mjs'

const ROUNDS = 5
const ROUND_MS = 1500
const IN_FLIGHT = [64, 512]

const update = (lease, seq) => ({
  lease,
  seq,
  step: { stepId: 's1', state: 'running', started: 1_760_000_000_000, finished: null, exitCode: null, error: '' },
})

async function echoCaller({ port }) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
  await new Promise((resolve) => socket.once('open', resolve))
  const waiting = new Map()
  let id = 0
  socket.on('message', (data) => {
    const answer = JSON.parse(data.toString())
    waiting.get(answer.id)()
    waiting.delete(answer.id)
  })
  const call = () =>
    new Promise((resolve) => {
      waiting.set(++id, resolve)
      socket.send(JSON.stringify({ type: 'request', id, method: 'update', params: update('L1', id) }))
    })
  return { call, end: () => socket.terminate() }
}

async function channelCaller({ port }) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
  await new Promise((resolve) => socket.once('open', resolve))
  return overChannel(openChannel(wsPort(socket)), 'L1')
}

function openChannel(port, onFrame = () => {}) {
  const maxBytes = 1024 * 1024
  return new Channel({ side: 'client', port, clock: systemClock, receives: 'server', maxBytes, onFrame, onClose() {} })
}

function overChannel(channel, lease) {
  let seq = 0
  return { call: () => channel.call('update', update(lease, ++seq)), end: () => channel.close(1000, '') }
}

/** A real lease of a real workflow, updated over a connection of its own. */
async function durableCaller({ url, token }) {
  const client = await dialClient({ url, token })
  const { token: agentToken } = await client.call('token.create', { role: 'agent' })
  await client.call('submit', { workflows: [workflow()], secrets: {} })
  await client.close()
  const port = await dial(`${url.replace('http', 'ws')}/bus`, { token: agentToken, maxBytes: 1024 * 1024 })
  let welcomed
  const welcome = new Promise((resolve) => (welcomed = resolve))
  const channel = openChannel(port, (frame) => frame.type === 'welcome' && welcomed())
  channel.send({ type: 'hello', versions: [1], features: [], boot: 'bench', dial: 1, agent: agentInfo(), claims: [] })
  await welcome
  const { lease } = await channel.call('next', {})
  await channel.call('init', { lease, state: { started: Date.now(), finished: 0, error: '', canceled: false } })
  return overChannel(channel, lease)
}

const agentInfo = () => ({
  name: 'bench',
  version: '0',
  platform: 'linux/amd64',
  backend: 'none',
  capacity: 1,
  labels: {},
})

const SUBJECTS = [
  { name: 'bare ws echo', server: 'echo', open: echoCaller },
  { name: 'update, in memory', server: 'channel', open: channelCaller },
  { name: 'update, on disk', server: 'drumline', open: durableCaller },
]

/** Rounds go through the subjects in turn, so that a slow moment of the machine meets all of them. */
export async function roundTrips() {
  const peers = []
  for (const subject of SUBJECTS) {
    const server = await startPeer(subject.server)
    peers.push({ ...subject, server, caller: await subject.open(server) })
  }
  for (const inFlight of IN_FLIGHT) {
    const rates = new Map(peers.map(({ name }) => [name, []]))
    for (let round = 0; round < ROUNDS; round++) {
      for (const { name, caller } of peers) rates.get(name).push(await rate(caller.call, inFlight, ROUND_MS))
    }
    report(inFlight, rates)
  }
  for (const { caller, server } of peers) {
    caller.end()
    await server.stop()
  }
}

function report(inFlight, rates) {
  const echo = rates.get(SUBJECTS[0].name)
  console.log(`\nround trips per second, one connection, ${inFlight} in flight: median of ${ROUNDS} (least–most)`)
  for (const [name, values] of rates) {
    const ratios = values.map((value, round) => value / echo[round])
    console.log(`  ${name.padEnd(18)} ${spread(values).padStart(26)}   ${format(median(ratios), 2)} × echo`)
  }
}
