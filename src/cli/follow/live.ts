import { printable, type Style } from '../format.ts'
import type { Output } from '../world.ts'

/** Keeps a block at the bottom of a terminal while text scrolls above it. */
export class LiveBlock {
  readonly #output: Output
  readonly #style: Style
  #lines: readonly string[] = []

  constructor(output: Output, style: Style) {
    this.#output = output
    this.#style = style
  }

  /** Prints whole lines above the block. */
  print(text: string): Promise<void> {
    const lines = text.split('\n').slice(0, -1)
    const shown = lines.map((line) => `${harmless(line, this.#style)}\n`).join('')
    return this.#write(this.#erase() + shown + blockOf(this.#lines))
  }

  draw(lines: readonly string[]): Promise<void> {
    const erase = this.#erase()
    this.#lines = lines
    return this.#write(erase + blockOf(lines))
  }

  /** Leaves what is drawn in place. */
  leave(): void {
    this.#lines = []
  }

  #erase(): string {
    const height = this.#lines.length
    // Up to the block's first line, then everything below it goes.
    return height === 0 ? '' : `\x1b[${height}A\r\x1b[J`
  }

  async #write(text: string): Promise<void> {
    if (text !== '') await this.#output.write(text)
  }
}

function blockOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it looks for
const COLOR = /\x1b\[[\d;:]*m/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it looks for
const ESCAPE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_a-z])?/g

/** A line of a job's output that can change colours and nothing else: it must not move the cursor or talk to the terminal. */
export function harmless(line: string, { color }: Style): string {
  // Of a progress bar that draws itself over and over, its last state.
  const last = line.replace(/\r+$/, '').split('\r').at(-1) ?? ''
  const colors: string[] = color ? (last.match(COLOR) ?? []) : []
  if (!color || colors.length === 0) return printable(last.replace(ESCAPE, ''))
  const pieces = last.split(COLOR).map((piece) => printable(piece.replace(ESCAPE, '')))
  return `${pieces.map((piece, index) => piece + (colors[index] ?? '')).join('')}\x1b[0m`
}
