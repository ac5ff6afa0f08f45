// Drumline's channel alone: frames and params validated, nothing stored.
import { WebSocketServer } from 'ws'
import { Channel, systemClock } from '../../dist/protocol/index.js'
import { wsPort } from '../../dist/socket/port.js'

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
server.on('connection', (socket) => {
  const channel = new Channel({
    side: 'server',
    port: wsPort(socket),
    clock: systemClock,
    receives: 'agent',
    maxBytes: 256 * 1024,
    serve: async () => ({}),
    onFrame() {},
    onClose() {},
  })
  void channel
})
server.on('listening', () => process.send({ port: server.address().port }))
process.on('SIGTERM', () => process.exit())
