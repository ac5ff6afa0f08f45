import type { Output } from '../../src/cli/world.ts'

const ESC = '\x1b'
const TOKEN = new RegExp(`${ESC}\\[\\d*[AJK]|\\r|\\n|[^${ESC}\\r\\n]+`, 'g')

/** What a terminal shows after this was written: enough of one for a block that is drawn over and over. */
export class Screen implements Output {
  readonly isTerminal = true
  readonly rows = 24
  columns = 80
  written = ''
  lines: string[] = ['']
  #row = 0
  #column = 0

  async write(text: string): Promise<void> {
    this.written += text
    for (const [token] of text.matchAll(TOKEN)) this.#obey(token)
  }

  /** Wraps what is too long, as terminals do that become narrower. */
  narrow(columns: number): void {
    this.columns = columns
    const pieces = new RegExp(`.{1,${columns}}`, 'g')
    this.lines = this.lines.flatMap((line) => line.match(pieces) ?? [''])
    this.#row = this.lines.length - 1
  }

  #obey(token: string): void {
    const line = this.lines[this.#row] ?? ''
    if (token.endsWith('A') && token.startsWith(ESC)) this.#row -= Number(token.slice(2, -1))
    else if (token === `${ESC}[K`) this.lines[this.#row] = line.slice(0, this.#column)
    else if (token === `${ESC}[J`) this.lines = [...this.lines.slice(0, this.#row), line.slice(0, this.#column)]
    else if (token === '\r') this.#column = 0
    else if (token === '\n') {
      this.#row++
      this.#column = 0
      this.lines[this.#row] ??= ''
    } else {
      this.lines[this.#row] = line.slice(0, this.#column) + token + line.slice(this.#column + token.length)
      this.#column += token.length
    }
  }
}
