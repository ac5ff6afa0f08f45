import { LOGS, type LogKind, splitLine } from '../../protocol/index.ts'
import type { Seams } from './seams.ts'

/** Where lines go: each text is whole lines of one kind, of any length. */
export type WriteLines = (kind: LogKind, text: string) => void

/** A piece's bytes, so that with its newline it is what the wire takes as one. */
const PIECE = LOGS.lineBytes - 1

/**
 * Text in pieces → whole lines. Of a line whose end does not come it holds little: what is longer leaves in pieces that
 * say they continue.
 */
export class Lines {
  readonly #kind: 'out' | 'err'
  readonly #seams: Seams
  readonly #write: WriteLines
  #partial = ''

  constructor(kind: 'out' | 'err', seams: Seams, write: WriteLines) {
    this.#kind = kind
    this.#seams = seams
    this.#write = write
  }

  push(text: string): void {
    const all = this.#partial + text
    const end = all.lastIndexOf('\n') + 1
    if (end > 0) this.#write(this.#kind, all.slice(0, end))
    this.#partial = this.#shorten(all.slice(end))
  }

  /** Ends the line that is open: a text without a newline at its end is a line. */
  end(): void {
    if (this.#partial === '') return
    this.#write(this.#kind, `${this.#partial}\n`)
    this.#partial = ''
  }

  /** Writes full pieces from the front of an open line and returns the rest, never nothing of something. */
  #shorten(line: string): string {
    let rest = line
    while (rest.length > PIECE + this.#seams.ahead) {
      const [first = ''] = splitLine(rest.slice(0, PIECE), PIECE)
      // At least one character, whatever the seams say, or this would not end.
      const cut = this.#seams.upTo(first.length, rest) || first.length
      this.#write(`${this.#kind}+`, `${rest.slice(0, cut)}\n`)
      rest = rest.slice(cut)
    }
    return rest
  }
}
