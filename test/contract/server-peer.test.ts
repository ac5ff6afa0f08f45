import { peerContract } from './peer.ts'

peerContract('server.peer()', (bench, info) => bench.server.peer(info))
