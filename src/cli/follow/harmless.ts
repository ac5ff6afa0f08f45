import { printable, type Style } from '../format.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it looks for
const COLOR = /\x1b\[[\d;:]*m/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it looks for
const ESCAPE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_a-z])?/g

/** A line of a job's output that can change colours and nothing else: it must not move the cursor or talk to the terminal. */
export function harmless(line: string, { color }: Style): string {
  // Of a progress bar that draws itself over and over, its last state.
  const last = line.replace(/\r+$/, '').split('\r').at(-1) ?? ''
  const colors: string[] = color ? (last.match(COLOR) ?? []) : []
  if (colors.length === 0) return printable(last.replace(ESCAPE, ''))
  const pieces = last.split(COLOR).map((piece) => printable(piece.replace(ESCAPE, '')))
  return `${pieces.map((piece, index) => piece + (colors[index] ?? '')).join('')}\x1b[0m`
}

/** A line that we coloured ourselves, without its colours. */
export function colorless(line: string): string {
  return line.replace(COLOR, '')
}
