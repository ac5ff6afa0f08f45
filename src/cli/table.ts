import { paintState, printable, type Style } from './format.ts'
import { clipTo, widthOf } from './width.ts'

const GAP = 2
/** A column is cut to no less. */
const LEAST = 8

/**
 * Rows under headings, each column as wide as it needs. On a terminal that has no room, the widest are cut, but never an
 * ID, which people copy. What stands under STATE has its colour.
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], style: Style): string {
  const all = [headings, ...rows].map((row) => row.map(printable))
  const wanted = headings.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))))
  const widths = squeeze(wanted, style.columns, (column) => headings[column] === 'ID')
  const lines = all.map((row, index) =>
    row.map((text, column) => {
      const width = widths[column] ?? 0
      const cell = clipTo(text, width, style.unicode ? '…' : '>')
      const shown = index > 0 && headings[column] === 'STATE' ? paintState(text, style, cell) : cell
      return column === row.length - 1 ? shown : shown + ' '.repeat(width - widthOf(cell) + GAP)
    }),
  )
  return `${lines.map((cells) => cells.join('')).join('\n')}\n`
}

/** Takes from the widest column until all fit; what cannot be made to fit is left to the terminal. */
function squeeze(wanted: readonly number[], columns: number, keeps: (column: number) => boolean): number[] {
  const widths = [...wanted]
  let over = widths.reduce((sum, width) => sum + width + GAP, -GAP) - columns
  while (over > 0) {
    const [widest] = widths
      .map((width, column) => ({ width, column }))
      .filter(({ column }) => !keeps(column))
      .sort((a, b) => b.width - a.width)
    if (widest === undefined || widest.width <= LEAST) break
    widths[widest.column] = widest.width - 1
    over--
  }
  return widths
}
