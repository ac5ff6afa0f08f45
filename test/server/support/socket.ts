import type { SocketPort } from '../../../src/socket/index.ts'
import type { PairPort } from '../../support/pair.ts'

/** An in-memory end dressed as a socket: it counts what it receives, and the other side answers pings unless deaf. */
export interface TestSocket extends SocketPort {
  /** The other side answers no ping any more. */
  deaf: boolean
  readonly pings: number
  /** What is sent from now on stays in the socket, as if nobody read it. */
  stuck: boolean
  /** Every message that was sent, oldest first. */
  readonly sent: readonly string[]
}

export function socketOf(port: PairPort): TestSocket {
  return new PairSocket(port)
}

class PairSocket implements TestSocket {
  deaf = false
  pings = 0
  readonly #port: PairPort
  #bytes = 0
  #stuck = false

  constructor(port: PairPort) {
    this.#port = port
  }

  get stuck(): boolean {
    return this.#stuck
  }

  set stuck(stuck: boolean) {
    this.#stuck = stuck
    this.#port.hold(stuck)
  }

  get sent(): readonly string[] {
    return this.#port.sent
  }

  send(text: string): void {
    this.#port.send(text)
  }

  close(code: number, reason: string): void {
    this.#port.close(code, reason)
  }

  buffered(): number {
    return this.#port.buffered()
  }

  pause(paused: boolean): void {
    this.#port.pause?.(paused)
  }

  onText(listener: (text: string) => void): void {
    this.#port.onText((text) => {
      this.#bytes += text.length
      listener(text)
    })
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#port.onClose(listener)
  }

  bytesRead(): number {
    return this.#bytes
  }

  bytesWritten(): number {
    return this.#port.sent.reduce((sum, text) => sum + text.length, 0)
  }

  quietMs(): number {
    return 0
  }

  ping(): void {
    this.pings += 1
    if (!this.deaf) this.#bytes += 6
  }

  terminate(): void {
    this.#port.cut()
  }
}
