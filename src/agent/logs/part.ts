import type { LogRun } from '../../protocol/index.ts'
import { dropRuns, LOGS, lineOffset, takeRuns } from '../../protocol/index.ts'

/** A stretch of one step's lines, no larger than a frame, on its way to the server. */
export type Part = MemoryPart | FilePart | GapPart

interface Stretch {
  /** Number of its first line. */
  from: number
  count: number
}

export interface MemoryPart extends Stretch {
  at: 'memory'
  /** UTF-8 bytes of `text`. */
  bytes: number
  text: string
  runs: readonly LogRun[]
}

export interface FilePart extends Stretch {
  at: 'file'
  bytes: number
  slot: number
  /** Bytes in the slot. */
  length: number
}

/** Lines that will not come. */
export interface GapPart extends Stretch {
  at: 'gap'
  reason: string
}

export function lastLine(part: Part): number {
  return part.from + part.count - 1
}

/** What a part costs in credit. */
export function costOf(part: Part): number {
  return part.at === 'gap' ? 0 : part.bytes + part.count * LOGS.lineCost
}

/** What a part weighs in memory: its text, its runs, and the objects around them. */
export function weightOf(part: Part): number {
  return part.at === 'memory' ? part.bytes + part.runs.length * 64 + 256 : 0
}

/** Cuts a part after its first `count` lines. */
export function cutAfter(part: MemoryPart, count: number): [MemoryPart, MemoryPart] {
  const at = lineOffset(part.text, count)
  return [
    memoryPart(part.from, part.text.slice(0, at), takeRuns(part.runs, count)),
    memoryPart(part.from + count, part.text.slice(at), dropRuns(part.runs, count)),
  ]
}

/** How many of its first lines cost at most `credit`. */
export function linesFor(part: MemoryPart, credit: number): number {
  let left = credit
  let lines = 0
  for (let at = 0; at < part.text.length; lines++) {
    const next = part.text.indexOf('\n', at) + 1
    left -= Buffer.byteLength(part.text.slice(at, next)) + LOGS.lineCost
    if (left < 0) break
    at = next
  }
  return lines
}

export function memoryPart(from: number, text: string, runs: readonly LogRun[]): MemoryPart {
  const count = runs.reduce((sum, [lines]) => sum + lines, 0)
  return { at: 'memory', from, count, bytes: Buffer.byteLength(text), text, runs }
}
