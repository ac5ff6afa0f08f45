import type { SocketPort } from '../../../src/socket/index.ts'

/** The server's end of a connection in memory, at the other end of which a test says what it likes. */
export class FuzzPort implements SocketPort {
  /** What the server sent, oldest first. */
  sent: string[] = []
  closed: { code: number; reason: string } | undefined
  #text: (text: string) => void = () => {}
  #close: (code: number, reason: string) => void = () => {}
  #bytes = 0

  /** Says it, and the server has read it. */
  say(text: string): void {
    this.#bytes += text.length
    if (this.closed === undefined) this.#text(text)
  }

  send(text: string): void {
    this.sent.push(text)
  }

  close(code: number, reason: string): void {
    if (this.closed !== undefined) return
    this.closed = { code, reason }
    queueMicrotask(() => this.#close(code, reason))
  }

  onText(listener: (text: string) => void): void {
    this.#text = listener
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#close = listener
  }

  buffered(): number {
    return 0
  }

  bytesRead(): number {
    return this.#bytes
  }

  bytesWritten(): number {
    return 0
  }

  quietMs(): number {
    return 0
  }

  ping(): void {}

  terminate(): void {
    this.close(1006, '')
  }
}
