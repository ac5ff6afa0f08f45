/**
 * What comes over a connection, for its one listener: a message or the end that is there before anybody listens waits until
 * somebody does.
 */
export class Arrivals {
  readonly #early: string[] = []
  #onText: ((text: string) => void) | undefined
  #onClose: ((code: number, reason: string) => void) | undefined
  #ended: { code: number; reason: string } | undefined

  text(text: string): void {
    if (this.#onText === undefined) this.#early.push(text)
    else this.#onText(text)
  }

  end(code: number, reason: string): void {
    this.#ended = { code, reason }
    this.#onClose?.(code, reason)
  }

  onText(listener: (text: string) => void): void {
    this.#onText = listener
    for (const text of this.#early.splice(0)) listener(text)
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#onClose = listener
    if (this.#ended !== undefined) listener(this.#ended.code, this.#ended.reason)
  }
}
