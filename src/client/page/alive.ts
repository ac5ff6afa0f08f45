import { type Clock, type Frame, LIVENESS, type Port } from '../../protocol/index.ts'

const PING = JSON.stringify({ type: 'ping' } satisfies Frame)
const LOOK_MS = LIVENESS.pingMs / 3

/** A port that asks whether anybody is there, since no page sees the pings of its socket, and that a long silence ends. */
export class AlivePort implements Port {
  readonly #port: Port
  readonly #clock: Clock
  #heard: number
  #looked: number
  #asked = 0
  #greeted = false
  #onClose: (code: number, reason: string) => void = () => {}
  #cancel: () => void
  #closed = false

  constructor(port: Port, clock: Clock) {
    this.#port = port
    this.#clock = clock
    this.#heard = this.#looked = clock.monotonic()
    this.#cancel = this.#later()
  }

  send(text: string): void {
    this.#port.send(text)
  }

  close(code: number, reason: string): void {
    this.#cancel()
    this.#port.close(code, reason)
  }

  buffered(): number {
    return this.#port.buffered()
  }

  onText(listener: (text: string) => void): void {
    this.#port.onText((text) => {
      this.#greeted = true
      this.#heard = this.#clock.monotonic()
      listener(text)
    })
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#onClose = listener
    this.#port.onClose((code, reason) => this.#end(code, reason))
  }

  #later(): () => void {
    return this.#clock.after(LOOK_MS, () => this.#look())
  }

  #look(): void {
    const now = this.#clock.monotonic()
    const stalled = now - this.#looked - LOOK_MS > LIVENESS.stallMs
    this.#looked = now
    // A page in the background is woken seldom, and a machine may have slept: it is asked before it is judged.
    if (stalled) this.#heard = now
    if (now - this.#heard >= LIVENESS.agentMs) {
      // First: nobody is there to answer the goodbye.
      this.#end(1006, 'nothing was heard')
      this.#port.close(1000, 'nothing was heard')
      return
    }
    // Before the welcome nothing but the hello may be said.
    const quiet = now - Math.max(this.#heard, this.#asked) >= LIVENESS.pingMs
    if (this.#greeted && (quiet || stalled)) {
      this.#asked = now
      this.#port.send(PING)
    }
    this.#cancel = this.#later()
  }

  #end(code: number, reason: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#cancel()
    this.#onClose(code, reason)
  }
}
