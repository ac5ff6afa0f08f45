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
  const a = new End()
  const b = new End()
  a.other = b
  b.other = a
  return [a, b]
}

class End implements PairPort {
  other: End | undefined
  readonly sent: string[] = []
  #open = true
  #ended = false
  #held = false
  #paused = false
  #outgoing: (() => void)[] = []
  #outgoingBytes = 0
  #incoming: (() => void)[] = []
  #text: ((text: string) => void) | undefined
  #close: ((code: number, reason: string) => void) | undefined

  send(text: string): void {
    if (!this.#open) return
    this.sent.push(text)
    this.#outgoingBytes += text.length
    this.#hand(() => {
      this.#outgoingBytes -= text.length
      this.other?.#take(() => this.other?.#text?.(text))
    })
  }

  close(code: number, reason: string): void {
    if (!this.#open) return
    this.#open = false
    this.#hand(() => {
      this.other?.#take(() => this.other?.#end(code, reason))
      this.#end(code, reason)
    })
  }

  buffered(): number {
    return this.#held ? this.#outgoingBytes : 0
  }

  pause(paused: boolean): void {
    this.#paused = paused
    if (!paused) for (const call of this.#incoming.splice(0)) this.#later(call)
  }

  onText(listener: (text: string) => void): void {
    this.#text = listener
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#close = listener
  }

  cut(): void {
    for (const end of [this, this.other]) {
      if (end === undefined) continue
      end.#open = false
      end.#outgoing = []
      end.#incoming = []
      queueMicrotask(() => end.#end(1006, ''))
    }
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
    if (this.#paused) this.#incoming.push(call)
    else this.#later(call)
  }

  #later(call: () => void): void {
    queueMicrotask(() => {
      if (!this.#ended) call()
    })
  }

  #end(code: number, reason: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#open = false
    this.#close?.(code, reason)
  }
}
