import { describe, expect, test } from 'vitest'
import { lineRangeOf } from '../../../src/dashboard/pages/workflow/log/line-range.ts'
import { type AskLines, type Found, LogSearch } from '../../../src/dashboard/pages/workflow/log/search.ts'
import { waitUntil } from '../../support/wait-until.ts'

/** Looks at ten lines in a call. */
function searchIn(lines: string[]) {
  const told: Found[] = []
  const asked: string[] = []
  const ask: AskLines = async (text, where, signal) => {
    await Promise.resolve()
    signal.throwIfAborted()
    const from = 'from' in where ? where.from : Number(where.after)
    const to = Math.min(from + 9, lines.length)
    asked.push(`${text} ${from}`)
    const numbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at)
    const found = numbers.filter((number) => lines[number - 1]?.includes(text))
    return { lines: found, next: to < lines.length ? String(to + 1) : null, scanned: { from, to } }
  }
  const search = new LogSearch(ask, (found) => void told.push(found))
  const ended = () => waitUntil(() => (told.at(-1)?.done ? told.at(-1) : undefined))
  return { search, told, asked, ended }
}

describe('a search in a log', () => {
  const log = () => Array.from({ length: 35 }, (_, at) => `line ${at + 1}`)

  test('goes through all of it, and says how far it is', async () => {
    const { search, told, ended } = searchIn(log())
    search.start('5')
    expect(await ended()).toMatchObject({ lines: [5, 15, 25, 35], scanned: 35, trouble: '' })
    expect(told.map(({ scanned }) => scanned)).toEqual([0, 10, 20, 30, 35])
  })

  test('ends when another text is looked for', async () => {
    const { search, told, ended } = searchIn(log())
    search.start('5')
    search.start('7')
    expect(await ended()).toMatchObject({ text: '7', lines: [7, 17, 27] })
    expect(told.filter(({ text, scanned }) => text === '5' && scanned > 0)).toEqual([])
  })

  test('goes on through lines that come later, from where it was', async () => {
    const lines = log()
    const { search, asked, ended } = searchIn(lines)
    search.start('5')
    await ended()
    lines.push('line 36', 'line 5 again')
    search.grown(37)
    expect(await ended()).toMatchObject({ lines: [5, 15, 25, 35, 37], scanned: 37 })
    expect(asked.at(-1)).toBe('5 36')
    search.grown(37)
    expect(asked.at(-1)).toBe('5 36')
  })

  test('says why it has stopped', async () => {
    const told: Found[] = []
    const search = new LogSearch(
      () => Promise.reject(new Error('no connection')),
      (found) => void told.push(found),
    )
    search.start('x')
    await waitUntil(() => told.at(-1)?.trouble === 'no connection')
    expect(told.at(-1)?.done).toBe(true)
  })
})

test.each([
  ['12', { from: 12, to: 12 }],
  ['12-40', { from: 12, to: 40 }],
  ['40-12', { from: 12, to: 40 }],
  ['0', undefined],
  ['x', undefined],
  ['', undefined],
  [null, undefined],
])('the address names lines by %j', (text, expected) => {
  expect(lineRangeOf(text)).toEqual(expected)
})
