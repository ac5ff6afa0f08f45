import { LineCounter } from 'yaml'
import type { ErrorDetail } from '../protocol/index.ts'

/** A submitted file: its name as the user knows it, and its text. */
export interface WorkflowFile {
  readonly name: string
  readonly text: string
}

/** Where something stands; lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
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
    this.#problems.set(`${offset} ${message}`, { ...this.placeOf(offset), message, offset })
  }

  placeOf(offset: number): Place {
    const { line, col } = this.lines.linePos(offset)
    // An empty text has no line yet, and linePos then answers 0.
    return { file: this.file.name, line: Math.max(1, line), column: Math.max(1, col) }
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
