import type { MissingLines } from '../../../../protocol/index.ts'
import { firstAbove } from './block.ts'

/** Lines that will never come. `to` is null where nobody knows how many. */
export type Gap = Pick<MissingLines, 'from' | 'to' | 'reason'>

/** What one row of the view shows. */
export type RowContent = { readonly line: number } | { readonly gap: Gap }

/** Which line stands in which row, counted from 0: each line has one, and so has each gap, however long it is. */
export class Layout {
  /** Number of the last line that is known of. */
  readonly total: number
  /** Rows altogether. */
  readonly count: number
  readonly #gaps: readonly Gap[]
  readonly #starts: readonly number[]
  readonly #rows: readonly number[]

  /** `gaps` in order, none overlapping another. */
  constructor(total: number, gaps: readonly Gap[]) {
    this.total = total
    this.#gaps = gaps
    this.#starts = gaps.map(({ from }) => from)
    let hidden = 0
    this.#rows = gaps.map(({ from, to }) => {
      const row = from - 1 - hidden
      hidden += Math.max(0, Math.min(to ?? total, total) - from + 1) - 1
      return row
    })
    this.count = total - hidden
  }

  at(row: number): RowContent {
    const index = firstAbove(this.#rows, row) - 1
    const gap = this.#gaps[index]
    if (gap === undefined) return { line: row + 1 }
    const start = this.#rows[index] ?? 0
    return row === start ? { gap } : { line: (gap.to ?? gap.from) + row - start }
  }

  /** The row of a line, or of the gap that it is in. Of a line that is not there, that of the one nearest to it. */
  rowOf(line: number): number {
    const known = Math.max(1, Math.min(line, Math.max(this.total, this.#starts.at(-1) ?? 1)))
    const index = firstAbove(this.#starts, known) - 1
    const gap = this.#gaps[index]
    if (gap === undefined) return known - 1
    return (this.#rows[index] ?? 0) + Math.max(0, known - (gap.to ?? known))
  }

  /** The gap that a line is in. */
  gapOf(line: number): Gap | undefined {
    const gap = this.#gaps[firstAbove(this.#starts, line) - 1]
    return gap !== undefined && line <= (gap.to ?? Number.POSITIVE_INFINITY) ? gap : undefined
  }

  get gaps(): readonly Gap[] {
    return this.#gaps
  }

  /** With one gap more; it gives way to those that are known already. */
  withGap(gap: Gap): Layout {
    const last = gap.to ?? gap.from
    const overlaps = this.#gaps.some(({ from, to }) => from <= last && (to ?? Number.POSITIVE_INFINITY) >= gap.from)
    if (overlaps) return this
    return new Layout(
      this.total,
      [...this.#gaps, gap].sort((a, b) => a.from - b.from),
    )
  }

  withTotal(total: number): Layout {
    return total <= this.total ? this : new Layout(total, this.#gaps)
  }
}
