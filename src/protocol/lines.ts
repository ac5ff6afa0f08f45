import { codePointBytes, fitsBytes } from './bytes.ts'
import { LOGS } from './limits.ts'

/**
 * Log text is whole lines, each ended by `\n`; its runs `[count, ms, kind]` say line by line what they are. These helpers
 * keep both in step.
 */

/** How many lines a text holds; an end without newline is a line. */
export function countLines(text: string): number {
  let lines = 0
  let at = 0
  for (let next = text.indexOf('\n'); next !== -1; next = text.indexOf('\n', at)) {
    lines++
    at = next + 1
  }
  return at < text.length ? lines + 1 : lines
}

/** Where the line after the first `count` begins; the length of the text if there are fewer. */
export function lineOffset(text: string, count: number): number {
  let at = 0
  for (let line = 0; line < count; line++) {
    const next = text.indexOf('\n', at)
    if (next === -1) return text.length
    at = next + 1
  }
  return at
}

/** Cuts one line (without its newline) into pieces of at most `most` ≥ 4 UTF-8 bytes, never inside a code point. */
export function splitLine(line: string, most: number): string[] {
  if (fitsBytes(line, most)) return [line]
  const pieces: string[] = []
  let start = 0
  let bytes = 0
  for (let at = 0; at < line.length; ) {
    const size = codePointBytes(line, at)
    if (bytes + size > most) {
      pieces.push(line.slice(start, at))
      start = at
      bytes = 0
    }
    bytes += size
    at += size === 4 ? 2 : 1
  }
  pieces.push(line.slice(start))
  return pieces
}

/** A run, whatever the words for its kind. */
type Run = readonly [count: number, ms: number, kind: string]

/** The runs without their first `count` lines. */
export function dropRuns<R extends Run>(runs: readonly R[], count: number): R[] {
  let left = count
  const rest: R[] = []
  for (const run of runs) {
    if (left >= run[0]) left -= run[0]
    else if (left > 0) {
      rest.push([run[0] - left, run[1], run[2]] as unknown as R)
      left = 0
    } else rest.push(run)
  }
  return rest
}

/** The runs of the first `count` lines. */
export function takeRuns<R extends Run>(runs: readonly R[], count: number): R[] {
  let left = count
  const first: R[] = []
  for (const run of runs) {
    if (left <= 0) break
    first.push(run[0] <= left ? run : ([left, run[1], run[2]] as unknown as R))
    left -= run[0]
  }
  return first
}

/** What stays of a log frame when its first `count` lines are dropped. */
export function trimLines<R extends Run>(text: string, runs: readonly R[], count: number): { text: string; runs: R[] } {
  return { text: text.slice(lineOffset(text, count)), runs: dropRuns(runs, count) }
}

/** Lines that the runs stand for. */
export function linesOf(runs: readonly Run[]): number {
  let lines = 0
  for (const run of runs) lines += run[0]
  return lines
}

/** Whether a log frame is whole: lines that end, as many as its runs say, within the limits of one frame. */
export function isWholeLog(frame: { readonly text: string; readonly runs: readonly Run[] }): boolean {
  const lines = linesOf(frame.runs)
  return (
    lines <= LOGS.frameLines &&
    frame.text.endsWith('\n') &&
    countLines(frame.text) === lines &&
    fitsBytes(frame.text, LOGS.frameBytes)
  )
}
