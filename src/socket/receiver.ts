import type { WebSocket } from 'ws'

/** What `ws` keeps of a message that is not complete, by its own names: it shows whole messages only. */
interface Receiver {
  readonly _bufferedBytes: number
  readonly _messageLength: number
  _maxPayload: number
}

/** Bytes held of a message that is not complete, its framing included. */
export function heldBytes(ws: WebSocket): number {
  const receiver = receiverOf(ws)
  return receiver === undefined ? 0 : receiver._bufferedBytes + receiver._messageLength
}

/** From the next message on one that declares more is refused with 1009, before it is read. */
export function acceptAtMost(ws: WebSocket, bytes: number): void {
  const receiver = receiverOf(ws)
  if (receiver !== undefined) receiver._maxPayload = bytes
}

function receiverOf(ws: WebSocket): Receiver | undefined {
  return (ws as WebSocket & { readonly _receiver?: Receiver })._receiver
}
