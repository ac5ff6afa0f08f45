import { type LogPart, trimLines } from '../protocol/index.ts'

/**
 * Joins what is read from the store and what comes live into one log: each line of a step once, in order. Positions are
 * (lease, step, line).
 */
export class LogMerge {
  readonly #next = new Map<string, number>()

  /** From the store, which holds every line there is: what is left of the part, or undefined. */
  stored(part: LogPart): LogPart | undefined {
    const next = this.next(part.lease, part.stepId)
    if (part.to < next) return undefined
    this.#next.set(place(part.lease, part.stepId), part.to + 1)
    return part.from >= next ? part : trim(part, next)
  }

  /** Live: the same, or `hole` when lines before it have not been seen, and have to be read first. */
  live(part: LogPart): LogPart | undefined | 'hole' {
    return part.from > this.next(part.lease, part.stepId) ? 'hole' : this.stored(part)
  }

  /** Number of the line that comes next. */
  next(lease: string, stepId: string): number {
    return this.#next.get(place(lease, stepId)) ?? 1
  }
}

function place(lease: string, stepId: string): string {
  return `${lease}\n${stepId}`
}

function trim(part: LogPart, next: number): LogPart {
  if (part.kind === 'gap') return { ...part, from: next }
  return { ...part, from: next, ...trimLines(part.text, part.runs, next - part.from) }
}
