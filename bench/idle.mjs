// What an agent that only waits costs the server, beside a bare ws connection.
import { WebSocket } from 'ws'
import { connect } from '../dist/agent/index.js'
import { dialClient } from '../dist/client/node.js'
import { format } from './measure.mjs'
import { startPeer } from './peer-process.mjs'

const COUNT = 2_000

export async function idleMemory() {
  const bare = await perConnection('echo', bareConnections)
  const ours = await perConnection('drumline', agents)
  console.log(`\nan idle connection of ${format(COUNT)}, bytes held by the server (and resident):`)
  for (const [name, { held, rss }] of Object.entries({ 'bare ws': bare, 'an agent': ours })) {
    console.log(`  ${name}: ${format(held)} (${format(rss)}), ${format(held / bare.held, 1)} × bare`)
  }
}

async function perConnection(name, open) {
  const server = await startPeer(name)
  const before = await memory(server)
  const close = await open(server)
  const after = await memory(server)
  await close()
  await server.stop()
  return { held: (after.held - before.held) / COUNT, rss: (after.rss - before.rss) / COUNT }
}

function memory({ child }) {
  return new Promise((resolve) => {
    child.once('message', resolve)
    child.send('memory')
  })
}

async function bareConnections({ port }) {
  const all = Array.from({ length: COUNT }, () => new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false }))
  await Promise.all(all.map((socket) => new Promise((resolve) => socket.once('open', resolve))))
  return () => all.forEach((socket) => void socket.terminate())
}

/** Each has said hello, and waits for work. */
async function agents(server) {
  const client = await dialClient(server)
  const { token } = await client.call('token.create', { role: 'agent' })
  client.close()
  const all = Array.from({ length: COUNT }, (_, at) =>
    connect({ url: server.url, token, agent: { name: `idle-${at}` } }),
  )
  await Promise.all(all.map((peer) => peer.ready()))
  for (const peer of all) peer.next().catch(() => {})
  await Promise.all(all.map((peer) => peer.reportHealth()))
  return () => Promise.all(all.map((peer) => peer.close()))
}
