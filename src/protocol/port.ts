/**
 * What a channel needs of a connection. A socket, a browser's WebSocket and an in-memory pair all fit.
 * Text in and text out, one call a message, in order.
 */
export interface Port {
  /** Hands one message to the connection. Never throws; after a close it does nothing. */
  send(text: string): void
  /** Closes with a code and a reason of at most 123 bytes. Idempotent. */
  close(code: number, reason: string): void
  /** Bytes handed over and not yet accepted by the operating system. */
  buffered(): number
  /** Stops or resumes reading, where the connection can. */
  pause?(paused: boolean): void
  /** The one listener for messages; set once, before the next tick. */
  onText(listener: (text: string) => void): void
  /** The one listener for the end; called once, whoever closed. */
  onClose(listener: (code: number, reason: string) => void): void
}
