import { type Clock, type Frame, LIVENESS, type Port } from '../../protocol/index.ts'

const PING = JSON.stringify({ type: 'ping' } satisfies Frame)
const LOOK_MS = LIVENESS.pingMs / 3
const SILENCE = 'nothing was heard from the server'

/** A port that asks whether anybody is there, since no page sees the pings of its socket, and that a long silence ends. */
export class AlivePort implements Port {
  readonly #port: Port
  readonly #clock: Clock
  readonly #onHeard: () => void
  /** When something came, or when the wait for it began anew. */
  #heard: number
  #looked: number
  #asked = 0
  /** How long nothing may come. */
  #patienceMs: number = LIVENESS.agentMs
  #greeted = false
  #onClose: (code: number, reason: string) => void = () => {}
  #cancel: () => void
  #leaving = false
  #closed = false

  /** `onHeard`: something came. */
  constructor(port: Port, clock: Clock, onHeard: () => void = () => {}) {
    this.#port = port
    this.#clock = clock
    this.#onHeard = onHeard
    this.#heard = this.#looked = clock.monotonic()
    this.#cancel = this.#later()
  }

  send(text: string): void {
    this.#port.send(text)
  }

  close(code: number, reason: string): void {
    this.#leaving = true
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
      this.#patienceMs = LIVENESS.agentMs
      this.#onHeard()
      listener(text)
    })
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#onClose = listener
    this.#port.onClose((code, reason) => this.#end(code, reason))
  }

  /** Asks at once, and waits for the answer a few seconds only: the machine may have slept, or changed its network. */
  prod(): void {
    const waits = this.#patienceMs < LIVENESS.agentMs
    // Asked twice, a dead one would live twice as long.
    if (!this.#greeted || this.#leaving || this.#closed || waits) return
    this.#patienceMs = LIVENESS.prodMs
    this.#heard = this.#looked = this.#clock.monotonic()
    this.#ping()
    this.#cancel()
    this.#cancel = this.#later()
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
    if (now - this.#heard >= this.#patienceMs) {
      // First: nobody is there to answer the goodbye.
      this.#end(1006, SILENCE)
      this.#port.close(1000, SILENCE)
      return
    }
    // Before the welcome nothing but the hello may be said.
    const quiet = now - Math.max(this.#heard, this.#asked) >= LIVENESS.pingMs
    if (this.#greeted && (quiet || stalled)) this.#ping()
    this.#cancel = this.#later()
  }

  #ping(): void {
    this.#asked = this.#clock.monotonic()
    this.#port.send(PING)
  }

  #end(code: number, reason: string): void {
    if (this.#closed) return
    this.#closed = true
    this.#cancel()
    this.#onClose(code, reason)
  }
}
