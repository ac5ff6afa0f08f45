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
  /** Offset of each line's first character; made when the first place is asked for. */
  #lines: readonly number[] | undefined
  readonly #problems = new Map<string, ErrorDetail & { offset: number }>()

  constructor(file: WorkflowFile) {
    this.file = file
  }

  /** Notes a problem at an offset into the text. The same one twice (once per matrix combination) counts once. */
  problem(offset: number, message: string): void {
    if (this.full) return
    this.#problems.set(`${offset} ${message}`, { ...this.placeOf(offset), message, offset })
  }

  placeOf(offset: number): Place {
    this.#lines ??= lineStarts(this.file.text)
    const line = countUpTo(this.#lines, offset)
    const start = this.#lines[line - 1] ?? 0
    return { file: this.file.name, line, column: Math.max(1, offset - start + 1) }
  }

  /** No further problem is noted: what only finds more of them may end. */
  get full(): boolean {
    return this.#problems.size >= MOST
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

const MARK = '\uFEFF'

function lineStarts(text: string): number[] {
  // No editor counts a byte order mark as a column.
  const starts = [text.startsWith(MARK) ? 1 : 0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** How many of the ascending numbers are at most this; at least one. */
function countUpTo(numbers: readonly number[], most: number): number {
  let [low, high] = [1, numbers.length]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((numbers[middle - 1] ?? 0) <= most) low = middle
    else high = middle - 1
  }
  return low
}
