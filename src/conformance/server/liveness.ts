import { CLOSE, LIVENESS, newId } from '../../protocol/index.ts'
import { expects } from '../verdict.ts'
import { PATIENCE_MS, pause } from '../waiting.ts'
import type { Wire } from '../wire.ts'
import { endsWith } from './handshake.ts'
import type { Play } from './play.ts'

/** How often a socket's count of bytes is looked at. */
const LOOK_MS = 100
/** Answers asked of a server whose client reads none: what every buffer on the way may hold, several times. */
const FLOOD_BYTES = 32 * 1024 * 1024
const ROUND = 256

/** Bytes that come without a frame are pings. */
async function bytesBeyond(wire: Wire, bytes: number, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs
  while (performance.now() < end && wire.closed === undefined) {
    if (wire.port.bytesRead() > bytes) return true
    await pause(LOOK_MS)
  }
  return wire.port.bytesRead() > bytes
}

/** Silence, floods and the end of a credential. */
export const LIVE = {
  async ping(play: Play) {
    const { wire } = await play.agent()
    await wire.round()
    const frames = wire.heard.length
    const since = performance.now()
    const pinged = await bytesBeyond(wire, wire.port.bytesRead(), 2 * LIVENESS.pingMs)
    expects(pinged && wire.heard.length === frames, 'a ping', () => wire.story())
    return `after ${((performance.now() - since) / 1000).toFixed(1)} s`
  },

  async unread(play: Play) {
    const lazy = await play.agent()
    const other = await play.agent()
    lazy.wire.port.pause?.(true)
    // The error tells what was wrong with a long name: each question is answered by some hundred bytes.
    const ask = { type: 'request', method: 'init', params: { lease: 7, state: { surprise: 'x'.repeat(64) } } }
    for (let id = 1; id * 200 < FLOOD_BYTES; id += ROUND) {
      lazy.wire.say(...Array.from({ length: ROUND }, (_, at) => ({ ...ask, id: id + at })))
    }
    const since = performance.now()
    await other.wire.round()
    const answered = performance.now() - since
    expects(answered < PATIENCE_MS / 2, 'others to be answered meanwhile', () => `after ${Math.round(answered)} ms`)
    await pause(1.5 * LIVENESS.pingMs)
    const waiting = lazy.wire.closed === undefined ? lazy.wire.port.buffered() : 0
    if (waiting > 0)
      return `left unread, with ${waiting} bytes to come; another agent was answered after ${Math.round(answered)} ms`
    lazy.wire.port.pause?.(false)
    const { code } = await lazy.wire.ends(2 * PATIENCE_MS)
    // The server may have dropped the socket before its goodbye could be read.
    expects([CLOSE.slow, 1006].includes(code), 'a close with 4003, or a dropped socket', () => lazy.wire.closed)
    return `closed with ${code}; another agent was answered after ${Math.round(answered)} ms`
  },

  async revoked(play: Play) {
    const made = await play.operator.call('token.create', { role: 'agent', name: 'conformance' }, { key: newId() })
    const { wire } = await play.agent({ token: made.token })
    await play.operator.call('token.revoke', { id: made.id }, { key: newId() })
    return endsWith(wire, CLOSE.revoked, 'the end of its credential')
  },
}
