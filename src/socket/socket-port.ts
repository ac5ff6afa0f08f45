import type { Port } from '../protocol/index.ts'

/** A message that is still coming. */
export interface Unfinished {
  /** How many came before it on this connection: that names it. */
  readonly after: number
  /** Bytes of it that are here; 0 where none is coming. */
  readonly bytes: number
}

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
  /** Beside `pause`, which is its owner's: while it rests, nothing is read. Missing where nothing can be held back. */
  rest?(resting: boolean): void
  /** UTF-8 bytes of a message from now on; a larger one ends the connection with 1009 before it is read. */
  accept?(bytes: number): void
  /** What is held of a message that is not complete yet. Missing where there are only whole ones. */
  unfinished?(): Unfinished
  /** The one listener for the other end's WebSocket pings and pongs, which answer themselves. */
  onPing?(listener: () => void): void
  /** The one listener for answers to our own pings: milliseconds since the latest was sent. */
  onPong?(listener: (roundTripMs: number) => void): void
  /** Drops the connection without a goodbye; `onClose` then tells 1006. */
  terminate(): void
}

/** A port that can also say what the bus does not know: to see what the other end makes of it. */
export interface RawPort extends SocketPort {
  /** Sends a binary message. */
  sendBytes(bytes: Uint8Array): void
}
