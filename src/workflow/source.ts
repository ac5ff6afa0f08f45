import { LineCounter } from 'yaml'
import type { ErrorDetail } from '../protocol/index.ts'

/** A submitted file: its name as the user knows it, and its text. */
export interface WorkflowFile {
  readonly name: string
  readonly text: string
}

/** More than this many problems help nobody. */
const MOST = 100

/** One file's text with the problems found in it, each at its line and column. */
export class Source {
  readonly file: WorkflowFile
  readonly lines = new LineCounter()
  readonly #problems = new Map<string, ErrorDetail & { offset: number }>()

  constructor(file: WorkflowFile) {
    this.file = file
  }

  /** Notes a problem at an offset into the text. The same one twice (once per matrix combination) counts once. */
  problem(offset: number, message: string): void {
    if (this.#problems.size >= MOST) return
    const { line, col } = this.lines.linePos(offset)
    // An empty text has no line yet, and linePos then answers 0.
    const detail = { file: this.file.name, line: Math.max(1, line), column: Math.max(1, col), message, offset }
    this.#problems.set(`${offset} ${message}`, detail)
  }

  lineAt(offset: number): number {
    return Math.max(1, this.lines.linePos(offset).line)
  }

  /** How many problems there are; a reader that sees it rise has something to give up. */
  get count(): number {
    return this.#problems.size
  }

  /** In the order of the text. */
  problems(): ErrorDetail[] {
    return [...this.#problems.values()]
      .sort((a, b) => a.offset - b.offset)
      .map(({ file, line, column, message }) => ({ file, line, column, message }))
  }
}
