import { StringDecoder } from 'node:string_decoder'
import { MARK_DIGITS } from './script.ts'

/** What one stream brought: text, or the number of the command whose mark stood there. */
export type Token = string | number

const NONE = Buffer.alloc(0)

/**
 * Cuts a stream of bytes at the marks and decodes what lies between. A character or a mark that one read split is held
 * until the rest comes; invalid UTF-8 becomes U+FFFD.
 */
export class Segments {
  readonly #mark: Buffer
  readonly #commands: number
  readonly #decoder = new StringDecoder('utf8')
  #held: Buffer = NONE

  constructor(mark: string, commands: number) {
    this.#mark = Buffer.from(mark)
    this.#commands = commands
  }

  /** The bytes are not kept. */
  push(bytes: Buffer): Token[] {
    const data = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes])
    this.#held = NONE
    const tokens: Token[] = []
    let from = 0
    for (let at = data.indexOf(this.#mark); at !== -1; at = data.indexOf(this.#mark, at + 1)) {
      const end = at + this.#mark.length + MARK_DIGITS + 1
      if (end > data.length) return this.#hold(data, from, at, tokens)
      const number = this.#numberIn(data.toString('latin1', at + this.#mark.length, end))
      if (number === undefined) continue
      text(tokens, this.#decoder.write(data.subarray(from, at)) + this.#decoder.end())
      tokens.push(number)
      from = end
    }
    return this.#hold(data, from, Math.max(from, data.length - this.#beginning(data)), tokens)
  }

  /** What was held when the stream ended. */
  end(): Token[] {
    const tokens: Token[] = []
    text(tokens, this.#decoder.write(this.#held) + this.#decoder.end())
    this.#held = NONE
    return tokens
  }

  #hold(data: Buffer, from: number, at: number, tokens: Token[]): Token[] {
    text(tokens, this.#decoder.write(data.subarray(from, at)))
    if (at < data.length) this.#held = Buffer.from(data.subarray(at))
    return tokens
  }

  #numberIn(tail: string): number | undefined {
    if (!/^\d+\n$/.test(tail)) return undefined
    const number = Number(tail)
    return number < this.#commands ? number : undefined
  }

  /** How many bytes at the end of the data may be the beginning of a mark. */
  #beginning(data: Buffer): number {
    for (let length = Math.min(this.#mark.length - 1, data.length); length > 0; length--) {
      const start = data.length - length
      if (data[start] === this.#mark[0] && data.subarray(start).equals(this.#mark.subarray(0, length))) return length
    }
    return 0
  }
}

function text(tokens: Token[], value: string): void {
  if (value !== '') tokens.push(value)
}
