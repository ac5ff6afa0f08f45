import { type LogChunk, type LogKind, type LogRun, linesOf, takeRuns, trimLines } from '../../../../protocol/index.ts'
import { Pen } from './pen.ts'

/** A line as it is stored. */
export interface Line {
  /** From 1 in each step. */
  readonly number: number
  /** Since the step started. */
  readonly ms: number
  readonly kind: LogKind
  /** Without its newline. */
  readonly text: string
  /** Escape sequences of the colours that the lines before it, in its block, have not ended. */
  readonly colours: string
}

export type Lines = Pick<LogChunk, 'from' | 'to' | 'text' | 'runs'>

/** What a block takes beside its text, in characters. */
const OVERHEAD = 256
const LINE_OVERHEAD = 8
/** Blocks that are smaller are joined: a slow step sends a line at a time. */
const SMALL = 16 * 1024

interface Index {
  readonly starts: readonly number[]
  /** Of each run, how many lines it and those before it have. */
  readonly ends: readonly number[]
  /** Of each line; empty where the block has no colours at all. */
  readonly colours: readonly string[]
}

/** Lines that follow each other. What is where in the text is looked up once it is shown. */
export class Block {
  readonly lines: Lines
  /** When it was last read, on the clock of its store. */
  used: number
  #index: Index | undefined

  constructor(lines: Lines, used: number) {
    this.lines = lines
    this.used = used
  }

  get cost(): number {
    const { from, to, text } = this.lines
    return text.length + (to - from + 1) * LINE_OVERHEAD + OVERHEAD
  }

  line(number: number): Line {
    const { from, text, runs } = this.lines
    this.#index ??= indexOf(this.lines)
    const { starts, ends, colours } = this.#index
    const at = number - from
    const [, ms, kind] = runs[firstAbove(ends, at)] ?? ([0, 0, 'out'] satisfies LogRun)
    const end = starts[at + 1] ?? text.length
    const own = text.slice(starts[at], text[end - 1] === '\n' ? end - 1 : end)
    return { number, ms, kind, text: own, colours: colours[at] ?? '' }
  }

  /** With the lines that follow it, or undefined where that would be too large to be one. */
  joined(next: Lines): Block | undefined {
    const { from, text, runs } = this.lines
    if (text.length + next.text.length > SMALL) return undefined
    return new Block({ from, to: next.to, text: text + next.text, runs: [...runs, ...next.runs] }, this.used)
  }
}

/** Those of the lines from `from` to `to`, which are among them. */
export function cutLines(lines: Lines, from: number, to: number): Lines {
  const first = trimLines(lines.text, lines.runs, from - lines.from)
  if (to === lines.to) return { from, to, ...first }
  const rest = trimLines(first.text, first.runs, to - from + 1)
  const text = first.text.slice(0, first.text.length - rest.text.length)
  return { from, to, text, runs: takeRuns(first.runs, linesOf(first.runs) - linesOf(rest.runs)) }
}

function indexOf({ text, runs }: Lines): Index {
  const starts: number[] = []
  for (let at = 0; at < text.length; ) {
    starts.push(at)
    const end = text.indexOf('\n', at)
    at = end < 0 ? text.length : end + 1
  }
  let lines = 0
  const ends = runs.map(([count]) => {
    lines += count
    return lines
  })
  return { starts, ends, colours: text.includes('\x1b') ? coloursOf(text, starts) : [] }
}

function coloursOf(text: string, starts: readonly number[]): string[] {
  const pen = new Pen()
  return starts.map((start, at) => {
    const before = pen.state
    pen.draw(text.slice(start, starts[at + 1] ?? text.length))
    return before
  })
}

/** Index of the first that is above the value, of numbers that rise. */
export function firstAbove(numbers: readonly number[], value: number): number {
  let [low, high] = [0, numbers.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return low
}
