import type { LogPart } from '../../../src/protocol/index.ts'

/** The text of a line, from which its number can be read. */
export const lineText = (number: number) => `line ${number} ${'.'.repeat(number % 7)}`

/** Lines of a step as a server sends them. */
export function linesPart(from: number, to: number): Extract<LogPart, { kind: 'lines' }> {
  const numbers = Array.from({ length: to - from + 1 }, (_, at) => from + at)
  const text = numbers.map((number) => `${lineText(number)}\n`).join('')
  return {
    kind: 'lines',
    lease: 'l',
    stepId: 's',
    from,
    to,
    text,
    runs: numbers.map((number) => [1, number * 10, 'out']),
  }
}

function gapPart(from: number, to: number): Extract<LogPart, { kind: 'gap' }> {
  return { kind: 'gap', lease: 'l', stepId: 's', from, to, reason: `lost ${from}` }
}

/** A log cut into parts, some of them gaps, by numbers of lines. */
export function partsOf(sizes: readonly { readonly lines: number; readonly gap: boolean }[]): LogPart[] {
  let next = 1
  return sizes.map(({ lines, gap }) => {
    const from = next
    next += lines
    return gap ? gapPart(from, next - 1) : linesPart(from, next - 1)
  })
}
