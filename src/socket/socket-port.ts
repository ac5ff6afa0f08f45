import type { Port } from '../protocol/index.ts'

/** A port over a TCP socket: what liveness needs beside the texts. */
export interface SocketPort extends Port {
  /** Bytes received on the TCP socket so far, also of a message that is not complete yet. */
  bytesRead(): number
  /** Bytes given to the TCP socket so far. */
  bytesWritten(): number
  /** For so many milliseconds no message, ping or pong has passed, either way; after the end: had passed then. */
  quietMs(): number
  /** Sends a WebSocket ping; the other end answers by itself. */
  ping(): void
  /** Drops the connection without a goodbye; `onClose` then tells 1006. */
  terminate(): void
}

/** A port that can also say what the bus does not know: to see what the other end makes of it. */
export interface RawPort extends SocketPort {
  /** Sends a binary message. */
  sendBytes(bytes: Uint8Array): void
}
