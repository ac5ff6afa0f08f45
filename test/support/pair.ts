import type { Port } from '../../src/protocol/index.ts'

/** One end of an in-memory connection, with the mishaps a test may want. */
export interface PairPort extends Port {
  /** The connection breaks: what is under way is lost, both ends see 1006. */
  cut(): void
  /** Stops or resumes what this end sends from leaving; meanwhile it counts as `buffered`. */
  hold(held: boolean): void
  /** Every message this end has handed over, oldest first. */
  readonly sent: readonly string[]
}

/** Two ports joined in memory. Messages arrive in order, one microtask each, never within `send`. */
export function pair(): [PairPort, PairPort] {
  const a = new End(() => b)
  const b: End = new End(() => a)
  return [a, b]
}

class End implements PairPort {
  readonly sent: string[] = []
  readonly #other: () => End
  #open = true
  #ended = false
  #held = false
  #paused = false
  #outgoing: (() => void)[] = []
  #outgoingSize = 0
  #incoming: (() => void)[] = []
  #text: ((text: string) => void) | undefined
  #close: ((code: number, reason: string) => void) | undefined

  constructor(other: () => End) {
    this.#other = other
  }

  send(text: string): void {
    if (!this.#open) return
    const other = this.#other()
    this.sent.push(text)
    this.#outgoingSize += text.length
    this.#hand(() => {
      this.#outgoingSize -= text.length
      other.#take(() => other.#text?.(text))
    })
  }

  close(code: number, reason: string): void {
    if (!this.#open) return
    const other = this.#other()
    this.#open = false
    this.#hand(() => {
      other.#take(() => other.#end(code, reason))
      this.#end(code, reason)
    })
  }

  buffered(): number {
    return this.#outgoingSize
  }

  pause(paused: boolean): void {
    this.#paused = paused
    if (!paused) for (const call of this.#incoming.splice(0)) this.#later(call)
  }

  onText(listener: (text: string) => void): void {
    this.#text = listener
    if (!this.#paused) this.pause(false)
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#close = listener
  }

  cut(): void {
    this.#lose()
    this.#other().#lose()
  }

  hold(held: boolean): void {
    this.#held = held
    if (!held) for (const call of this.#outgoing.splice(0)) call()
  }

  #hand(call: () => void): void {
    if (this.#held) this.#outgoing.push(call)
    else call()
  }

  #take(call: () => void): void {
    if (this.#paused || this.#text === undefined) this.#incoming.push(call)
    else this.#later(call)
  }

  #later(call: () => void): void {
    queueMicrotask(() => {
      if (!this.#ended) call()
    })
  }

  /** What is on its way finds a connection that has ended; the listener hears of it a little later, as from a socket. */
  #lose(): void {
    if (this.#ended) return
    this.#open = false
    this.#ended = true
    this.#outgoing = []
    this.#incoming = []
    queueMicrotask(() => this.#close?.(1006, ''))
  }

  #end(code: number, reason: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#open = false
    this.#close?.(code, reason)
  }
}
