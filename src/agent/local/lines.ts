import { LOGS, type LogKind, splitLine } from '../../protocol/index.ts'
import { StreamMask } from '../logs/mask.ts'
import type { Secrets } from '../logs/secrets.ts'

/** Where lines go: each text is whole lines of one kind, of any length. */
export type WriteLines = (kind: LogKind, text: string) => void

/** A piece's bytes, so that with its newline it is what the wire takes as one. */
const PIECE = LOGS.lineBytes - 1

/**
 * One stream's text in pieces → whole lines, without its secrets. Of a line whose end does not come it holds little: what
 * is longer leaves in pieces that say they continue. It masks before it cuts, so that no cut goes through a secret.
 */
export class Lines {
  readonly #kind: 'out' | 'err'
  readonly #mask: StreamMask
  readonly #write: WriteLines
  #partial = ''

  constructor(kind: 'out' | 'err', secrets: Secrets, write: WriteLines) {
    this.#kind = kind
    this.#mask = new StreamMask(secrets)
    this.#write = write
  }

  push(text: string): void {
    this.#add(this.#mask.push(text))
  }

  /**
   * Something else is written next: the line that is open ends. Only one that may end in the midst of a secret stays open
   * and comes behind it, since its first half must not be shown either.
   */
  interrupt(): void {
    if (!this.#mask.holding) this.#endLine()
  }

  /** A text without a newline at its end is a line. */
  end(): void {
    this.#add(this.#mask.end())
    this.#endLine()
  }

  #add(text: string): void {
    const all = this.#partial + text
    const end = all.lastIndexOf('\n') + 1
    if (end > 0) this.#write(this.#kind, all.slice(0, end))
    this.#partial = this.#shorten(all.slice(end))
  }

  #endLine(): void {
    if (this.#partial === '') return
    this.#write(this.#kind, `${this.#partial}\n`)
    this.#partial = ''
  }

  /** Writes full pieces from the front of an open line and returns the rest, never nothing of something. */
  #shorten(line: string): string {
    let rest = line
    while (rest.length > PIECE) {
      const [first = ''] = splitLine(rest.slice(0, PIECE), PIECE)
      const cut = isLowSurrogate(rest.charCodeAt(first.length)) ? first.length - 1 : first.length
      this.#write(`${this.#kind}+`, `${rest.slice(0, cut)}\n`)
      rest = rest.slice(cut)
    }
    return rest
  }
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
