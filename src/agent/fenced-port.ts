import type { Clock, Port } from '../protocol/index.ts'

/**
 * A port that lets nothing out before overdue work was told to stop. A process that was suspended wakes up in the middle of
 * whatever it did: without this, lines and results would leave while steps that others may own by now still run.
 */
export class FencedPort implements Port {
  readonly #port: Port
  readonly #clock: Clock
  readonly #fence: () => boolean
  /** What waits for the stopping to have begun. */
  #held: string[] | undefined

  /** `fence` ends what is overdue, and answers whether anything was. */
  constructor(port: Port, clock: Clock, fence: () => boolean) {
    this.#port = port
    this.#clock = clock
    this.#fence = fence
  }

  send(text: string): void {
    if (this.#held !== undefined) this.#held.push(text)
    else if (this.#fence()) this.#hold(text)
    else this.#port.send(text)
  }

  close(code: number, reason: string): void {
    this.#release()
    this.#port.close(code, reason)
  }

  buffered(): number {
    return this.#port.buffered() + (this.#held ?? []).reduce((sum, text) => sum + text.length, 0)
  }

  pause(paused: boolean): void {
    this.#port.pause?.(paused)
  }

  onText(listener: (text: string) => void): void {
    this.#port.onText(listener)
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#port.onClose(listener)
  }

  /** The news travels by promises to whoever runs the work: after this turn all of them have settled. */
  #hold(text: string): void {
    this.#held = [text]
    this.#clock.after(0, () => this.#release())
  }

  #release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const text of held) this.#port.send(text)
  }
}
