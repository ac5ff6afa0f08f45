import type { Style } from '../format.ts'
import { clipTo, widthOf } from '../width.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it looks for
const COLORS = /(\x1b\[[\d;]*m)/

/** A line that we coloured, cut to the terminal: one that stops at its edge would show the last characters one over the other. */
export function cutTo(line: string, { columns, unicode }: Style): string {
  const pieces = line.split(COLORS)
  let left = columns
  const kept = pieces.map((piece, index) => {
    if (index % 2 === 1) return piece
    const room = left
    left -= widthOf(piece)
    // Of a line that ends just here nothing is missing.
    return room <= 0 ? '' : clipTo(piece, room, unicode ? '…' : '>')
  })
  return kept.join('')
}

/** A text without colours, broken between words where it can be, so that all of it is seen. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && widthOf(longer) > columns) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}
