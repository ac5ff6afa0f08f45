import { LOGS, type LogKind } from '../../protocol/index.ts'

/** Where lines go: each text is whole lines of one kind. */
export type WriteLines = (kind: LogKind, text: string) => void

type Stream = 'out' | 'err' | 'command' | 'system'

/**
 * Text in pieces → whole lines. Holds at most one piece (8 KiB) of a line whose end has not come: a longer line leaves
 * in pieces that say they continue.
 */
export class Lines {
  readonly #kind: Stream
  readonly #write: WriteLines
  #partial = ''

  constructor(kind: Stream, write: WriteLines) {
    this.#kind = kind
    this.#write = write
  }

  push(text: string): void {
    const all = this.#partial + text
    const end = all.lastIndexOf('\n') + 1
    if (end > 0) this.#whole(all.slice(0, end))
    this.#partial = this.#cut(all.slice(end))
  }

  /** Ends the line that is open: a text without a newline at its end is a line. */
  end(): void {
    if (this.#partial === '') return
    this.#write(this.#kind, `${this.#partial}\n`)
    this.#partial = ''
  }

  #whole(text: string): void {
    let from = 0
    for (let start = 0; start < text.length; ) {
      const end = text.indexOf('\n', start) + 1
      if (tooLong(text, start, end - 1)) {
        if (from < start) this.#write(this.#kind, text.slice(from, start))
        this.#write(this.#kind, `${this.#cut(text.slice(start, end - 1))}\n`)
        from = end
      }
      start = end
    }
    if (from < text.length) this.#write(this.#kind, text.slice(from))
  }

  /** Writes all full pieces of a line and returns what is left; never nothing of something. */
  #cut(line: string): string {
    if (!tooLong(line, 0, line.length)) return line
    const bytes = Buffer.from(line)
    let start = 0
    while (bytes.length - start > LOGS.lineBytes) {
      let end = start + LOGS.lineBytes
      while (isContinuation(bytes[end])) end--
      this.#write(`${this.#kind}+`, `${bytes.toString('utf8', start, end)}\n`)
      start = end
    }
    return bytes.toString('utf8', start)
  }
}

/** A UTF-16 unit is at most three bytes, so most lines need no counting. */
function tooLong(text: string, start: number, end: number): boolean {
  if ((end - start) * 3 <= LOGS.lineBytes) return false
  return Buffer.byteLength(text.slice(start, end)) > LOGS.lineBytes
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}
