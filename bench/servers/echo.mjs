// The peer: a bare ws echo, one message per request, nothing validated.
import { WebSocketServer } from 'ws'
import './memory.mjs'

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
server.on('connection', (socket) => socket.on('message', (data) => socket.send(data.toString())))
server.on('listening', () => process.send({ port: server.address().port }))
process.on('SIGTERM', () => process.exit())
