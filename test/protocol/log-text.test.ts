import { describe, expect, test } from 'vitest'
import { type LogChunk, type LogKind, LogPrinter, toRows } from '../../src/protocol/index.ts'

function chunk(stepId: string, from: number, ...lines: [kind: LogKind, text: string][]): LogChunk {
  const text = lines.map(([, line]) => `${line}\n`).join('')
  const runs = lines.map(([kind], index): [number, number, LogKind] => [1, index * 10, kind])
  return { kind: 'lines', lease: 'l', stepId, from, to: from + lines.length - 1, text, runs }
}

describe('the text of a log', () => {
  test('is what the steps wrote and nothing else', () => {
    const printer = new LogPrinter({ everything: false })
    const part = chunk('s1', 1, ['command', '+ make'], ['out', 'a'], ['err', 'b'], ['system', 'bye'])
    expect(printer.text(part)).toBe('a\nb\n')
  })

  test('holds everything when asked, each line written as one likes', () => {
    const printer = new LogPrinter({ everything: true, line: (id, _, text) => `[${id}] ${text}` })
    const part = chunk('s1', 1, ['command', '+ make'], ['out', 'a\rb'], ['out', ''])
    expect(printer.text(part)).toBe('[s1] + make\n[s1] a\rb\n[s1] \n')
  })

  test('joins the pieces of a long line, whatever comes between them', () => {
    const printer = new LogPrinter({ everything: false })
    const printed = [
      printer.text(chunk('s1', 1, ['out+', 'one '], ['err', 'oops'])),
      printer.text(chunk('s2', 1, ['out', 'other'])),
      printer.text(chunk('s1', 3, ['out+', 'long '], ['out', 'line'])),
    ]
    expect(printed).toEqual(['oops\n', 'other\n', 'one long line\n'])
    expect(printer.rest()).toBe('')
  })

  test('gives a last line without an end at the end', () => {
    const printer = new LogPrinter({ everything: false })
    expect(printer.text(chunk('s1', 1, ['out+', 'cut']))).toBe('')
    expect(printer.rest()).toBe('cut\n')
    expect(printer.rest()).toBe('')
  })

  test('does not keep an endless line for ever', () => {
    const printer = new LogPrinter({ everything: false })
    let printed = ''
    for (let line = 1; line < 200; line++) printed += printer.text(chunk('s1', line, ['out+', 'x'.repeat(8192)]))
    expect(printed.length).toBeGreaterThan(1024 * 1024)
  })

  test('says nothing of a gap: that is no text of a step', () => {
    const printer = new LogPrinter({ everything: true })
    expect(printer.text({ kind: 'gap', lease: 'l', stepId: 's1', from: 1, to: 2, reason: 'r' })).toBe('')
  })
})

describe('a log as JSON', () => {
  const started = new Date(1000)

  test('is a row a line, with its time and kind', () => {
    const rows = toRows(chunk('s1', 5, ['out', 'a'], ['err+', 'b']), { name: 'build', started }, { everything: false })
    expect(
      rows
        .trimEnd()
        .split('\n')
        .map((row) => JSON.parse(row)),
    ).toEqual([
      { step: 'build', line: 5, time: 1000, kind: 'out', text: 'a' },
      { step: 'build', line: 6, time: 1010, kind: 'err+', text: 'b' },
    ])
  })

  test('leaves out what the agent says, but counts it', () => {
    const rows = toRows(
      chunk('s1', 1, ['command', '+ a'], ['out', 'a']),
      { name: 's', started: null },
      { everything: false },
    )
    expect(JSON.parse(rows)).toEqual({ step: 's', line: 2, time: null, kind: 'out', text: 'a' })
  })

  test('names the lines of a gap', () => {
    const gap = { kind: 'gap' as const, lease: 'l', stepId: 's1', from: 3, to: 9, reason: 'spool full' }
    expect(JSON.parse(toRows(gap, { name: 's', started }, { everything: false }))).toEqual({
      step: 's',
      line: 3,
      to: 9,
      time: null,
      kind: 'gap',
      text: 'lines 3 to 9 of s are missing: spool full',
    })
  })
})
