import { connect } from '../../src/agent/index.ts'
import { peerContract } from './peer.ts'

peerContract('connect()', async ({ server, agentToken }, agent) => {
  const peer = connect({ url: server.url, token: agentToken, agent })
  await peer.ready()
  return peer
})
