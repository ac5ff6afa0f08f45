import { type Clock, LIVENESS, MESSAGE, type Port } from '../protocol/index.ts'
import { busUrl, checkNetwork, dial, type Network, type SocketPort, watch } from '../socket/index.ts'
import type { Dial } from './redial.ts'

/** Dials Node's socket and gives it up when nothing is received for long. */
export function socketDial(url: string, token: string, clock: Clock, network: Network = {}): Dial {
  const address = busUrl(url)
  checkNetwork(address, network)
  const options = { token, maxBytes: MESSAGE.helloBytes, network }
  return async (signal) => watched(await dial(address, { ...options, signal }), clock)
}

/** A port that a long silence ends. */
export function watched(port: SocketPort, clock: Clock): Port {
  let closed = false
  const stopWatch = watch(port, clock, { deadMs: LIVENESS.agentMs, onDead: () => port.terminate() })
  return {
    send: (text) => port.send(text),
    close: (code, reason) => port.close(code, reason),
    buffered: () => port.buffered(),
    onText: (listener) => port.onText(listener),
    onClose: (listener) =>
      port.onClose((code, reason) => {
        if (closed) return
        closed = true
        stopWatch()
        listener(code, reason)
      }),
  }
}
