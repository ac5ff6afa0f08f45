import type { Slice } from '../../../src/agent/logs/step-log.ts'
import type { FrameOf } from '../../../src/protocol/index.ts'

/** What a server has on disk of one step, checked as it checks: no hole, no repeat. */
export class Written {
  readonly lines: string[] = []
  readonly gaps: { from: number; to: number }[] = []
  upto = 0

  /** Stores a frame. False: a hole before it. */
  take(frame: Slice): boolean {
    if (frame.from > this.upto + 1) return false
    if (frame.type === 'gap') {
      this.gaps.push({ from: frame.from, to: frame.to })
      this.upto = Math.max(this.upto, frame.to)
      return true
    }
    const fresh = linesOf(frame).slice(this.upto + 1 - frame.from)
    this.lines.push(...fresh)
    this.upto += fresh.length
    return true
  }
}

/** The lines of a frame; throws unless its runs stand for exactly those. */
export function linesOf(frame: FrameOf<'log'>): string[] {
  if (!frame.text.endsWith('\n')) throw new Error('a frame that does not end a line')
  const lines = frame.text.slice(0, -1).split('\n')
  const counted = frame.runs.reduce((sum, [count]) => sum + count, 0)
  if (counted !== lines.length) throw new Error(`runs say ${counted} lines, the text has ${lines.length}`)
  return lines
}

export function costOf(frame: Slice): number {
  return frame.type === 'gap' ? 0 : Buffer.byteLength(frame.text) + 32 * linesOf(frame).length
}
