import { widthOf } from '../width.ts'
import type { Output } from '../world.ts'
import { colorless } from './harmless.ts'

const UP = (rows: number) => `\x1b[${rows}A\r`
const CLEAR_LINE = '\x1b[K'
const CLEAR_BELOW = '\x1b[J'

/** Keeps a block at the bottom of a terminal while text scrolls above it. */
export class LiveBlock {
  readonly #output: Output
  #lines: readonly string[] = []

  constructor(output: Output) {
    this.#output = output
  }

  /** Prints whole lines above the block. What they say to the terminal is the caller's to answer for. */
  print(text: string): Promise<void> {
    return this.#replace([...text.split('\n').slice(0, -1), ...this.#lines], this.#lines)
  }

  async draw(lines: readonly string[]): Promise<void> {
    const same = lines.length === this.#lines.length && lines.every((line, index) => line === this.#lines[index])
    if (!same) await this.#replace(lines, lines)
  }

  /** Leaves what is drawn in place. */
  leave(): void {
    this.#lines = []
  }

  /** Each line is written over what stood there, so that nothing flickers; only the rest is cleared. */
  #replace(shown: readonly string[], block: readonly string[]): Promise<void> {
    const height = this.#height()
    this.#lines = block
    const text = shown.map((line) => `${line}${CLEAR_LINE}\n`).join('')
    return this.#output.write(`${height === 0 ? '' : UP(height)}${text}${CLEAR_BELOW}`)
  }

  /** Rows that the block takes now: a terminal that became narrower has wrapped it. */
  #height(): number {
    const columns = Math.max(1, this.#output.columns)
    return this.#lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(colorless(line)) / columns)), 0)
  }
}
